using System.Globalization;
using System.Text;

namespace EtcdBackup.Bench;

/// <summary>Requests of an OpenAPI document, changed in hostile ways.</summary>
/// <param name="operations">Methods, paths and parameters of the document.</param>
/// <param name="token">A token that may do everything.</param>
/// <param name="otherToken">A token that may do next to nothing.</param>
internal sealed class HostileRequests((string Method, string Path, string[] Query)[] operations, string token, string otherToken)
{
    private static readonly string[] Odd =
    [
        "", "0", "-1", "9223372036854775808", "1e9", "3.5.30", "3.5", "v3.5.30", "true", "../../../etc/passwd", "%2e%2e%2f",
        "..%2f..", "%00", "a%0d%0ab",
        "%ff%fe", "'\"<script>", "*", "keep", "delete", "3.5.30_000000000000000f_etcd.backup", "{}", "%7B%7D", "one", "two", "default",
        "xn--80ak6aa92e", new('a', 300), new('9', 400), "\u00e9\u4e2d", "~", "one-backup-sidecar", ";", "a:b@c", "%25", "secret:x/y",
    ];

    private static readonly string[] Hosts =
    [
        "localhost", "one-backup-sidecar", "one-backup-sidecar.default", "two-backup-sidecar.default.svc:19999", "one", "", "a b",
        "[::1]:1",
        "-backup-sidecar", "one-backup-sidecar..", new string('h', 300), "one-backup-sidecar.default@evil", "\u00e9-backup-sidecar",
    ];

    private static readonly string[] Headers =
    [
        "Range: bytes=0-10", "Range: bytes=-1", "Range: bytes=9-0", "Range: bytes=99999999999999999999-", "Range: bytes=0-1,2-3,5-",
        "Range: x",
        "If-Range: \"x\"", "If-Range: Tue, 99 Nov 2026", "If-None-Match: *", "If-Match: \"x\"", "If-Modified-Since: never",
        "Accept: x/y",
        "Accept-Encoding: gzip, br, zstd", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: one", "Transfer-Encoding: chunked",
        "Content-Length: 5",
        "Expect: 100-continue", "Upgrade: h2c", "Cookie: a=b", "X: " + new string('x', 9000), "X-HTTP-Method-Override: DELETE",
        "Content-Length: -1",
    ];

    private readonly string[] _logins =
    [
        $"Bearer {token}", $"Bearer {token}", $"Bearer {token}", $"Bearer {otherToken}", "Bearer wrong", "Bearer ", "Basic !!!",
        "Basic Og==",
        "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"x:{token}")), "Negotiate x", "Bearer a.b.c",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Bearer " + new string('t', 5000),
    ];

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW"];

    /// <summary>One of them.</summary>
    public byte[] Make(Random random)
    {
        var (method, path, query) = Of(random, operations);
        foreach (var (name, usual) in new[] { ("{namespace}", "default"), ("{name}", "one"), ("{backup}",
        "3.5.30_000000000000000f_etcd.backup") })
        {
            path = path.Replace(name, random.Next(3) > 0 ? usual : Of(random, Odd), StringComparison.Ordinal);
        }

        var pairs = query.Append("x").Where(_ => random.Next(2) == 0).Select(q => $"{q}={Of(random, Odd)}").ToArray();
        var target = path + (pairs.Length > 0 ? "?" + string.Join('&', pairs) : "");
        var text = new StringBuilder($"{(random.Next(6) == 0 ? Of(random, Methods) : method)} {target} HTTP/1.1\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Host: {(random.Next(2) == 0 ? "one-backup-sidecar" : Of(random, Hosts))}\r\n");
        if (random.Next(8) > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"Authorization: {Of(random, _logins)}\r\n");
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            text.Append(Of(random, Headers)).Append("\r\n");
        }

        var bytes = Encoding.UTF8.GetBytes(text.Append("Connection: close\r\n\r\n").ToString());
        for (var i = random.Next(10) == 0 ? random.Next(4) : 0; i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static T Of<T>(Random random, T[] from) => from[random.Next(from.Length)];
}

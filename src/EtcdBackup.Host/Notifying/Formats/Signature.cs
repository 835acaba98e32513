using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EtcdBackup.Host.Notifying.Formats;

/// <summary>
/// Signs a request: HMAC-SHA256 over the time in seconds, a dot, and the body. With the time in it, a request that somebody recorded is
/// worth nothing later.
/// </summary>
internal static class Signature
{
    /// <summary>The header with the time.</summary>
    public const string TimestampHeader = "X-Etcdbackup-Timestamp";

    /// <summary>The header with the signature.</summary>
    public const string SignatureHeader = "X-Etcdbackup-Signature";

    /// <summary>Adds both headers, if there is a secret.</summary>
    public static void Add(HttpRequestMessage request, byte[] body, string secret, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add(TimestampHeader, timestamp);
        if (secret != "")
        {
            request.Headers.Add(SignatureHeader, Of(timestamp, body, secret));
        }
    }

    /// <summary>The signature.</summary>
    public static string Of(string timestamp, byte[] body, string secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes(timestamp + "."), .. body]));
}

using System.Security.Cryptography;
using System.Text;
using EtcdBackup.Host.Configuration;
using Microsoft.AspNetCore.Mvc;

namespace EtcdBackup.Host.Api;

/// <summary>
/// Accepts callers with a token of the token file: as a bearer token, or as the password of HTTP Basic, for browsers. Probes need none.
/// Without a token file everyone is accepted; the settings then allow only loopback addresses, unless Http:AllowAnonymous is
/// set.
/// </summary>
internal sealed class TokenLogin(HttpSettings settings)
{
    /// <summary>The answer to a caller without a token.</summary>
    public const string Refusal = "a token is needed: send 'Authorization: Bearer TOKEN', or the token as the password of HTTP Basic";

    private static readonly string[] Open = ["/healthz", "/readyz"];

    private readonly Lock _lock = new();
    private (DateTime WrittenAt, long Length) _stamp;
    private IReadOnlyList<byte[]> _digests = [];

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (settings.TokenFile == "" || Open.Any(p => context.Request.Path.Equals(p, StringComparison.Ordinal)) ||
            IsAllowed(context.Request.Headers.Authorization.ToString()))
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"etcd backups\", charset=\"UTF-8\", Bearer";
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails
            {
                Status = 401,
                Detail = Refusal
            },
        });
    }

    private bool IsAllowed(string authorization)
    {
        var token = authorization switch
        {
            _ when authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) => authorization[7..].Trim(),
            _ when authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) => PasswordOf(authorization[6..].Trim()),
            _ => null,
        };
        if (string.IsNullOrEmpty(token))
        {
            return false;
        }

        // Digests have one length, and all are compared, so that the time taken reveals nothing about a token.
        var shown = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        return Digests().Aggregate(false, (found, digest) => found | CryptographicOperations.FixedTimeEquals(digest, shown));
    }

    private static string? PasswordOf(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length) is var pair &&
            pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            ? pair[(colon + 1)..]
            : null;
    }

    private IReadOnlyList<byte[]> Digests()
    {
        lock (_lock)
        {
            var file = new FileInfo(settings.TokenFile);
            var stamp = (file.LastWriteTimeUtc, file.Exists ? file.Length : 0);
            if (stamp != _stamp)
            {
                _digests = [.. File.ReadLines(file.FullName).Select(l => l.Trim()).Where(l => l != "" && !l.StartsWith('#'))
                    .Select(l => SHA256.HashData(Encoding.UTF8.GetBytes(l)))];
                _stamp = stamp;
            }

            return _digests;
        }
    }
}

using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EtcdBackup.Host.Access;

/// <summary>The login by a token of the token file: as a bearer token, or as the password of HTTP Basic, for browsers.</summary>
internal sealed class TokenScheme(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, TokenFile tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Its name.</summary>
    public const string Name = "token";

    /// <summary>The answer to a token that is nobody's.</summary>
    public const string Refusal = "nobody has this token: it is not in Http:TokenFile, and of no issuer in Http:Jwt";

    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    /// <summary>The token of a bearer; null if there is none.</summary>
    public static string? BearerIn(string authorization) =>
        authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var authorization = Request.Headers.Authorization.ToString();
        return (BearerIn(authorization) ?? PasswordIn(authorization)) is { Length: > 0 } token &&
            await tokens.FindAsync(token, Context.RequestAborted) is { } caller
            ? AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(), Name)) : AuthenticateResult.Fail(Refusal);
    }

    private static string? PasswordIn(string authorization)
    {
        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var base64 = authorization[Basic.Length..].Trim();
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length) is var pair &&
            pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            ? pair[(colon + 1)..]
            : null;
    }
}

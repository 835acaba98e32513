using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace EtcdBackup.Host.Access;

/// <summary>
/// The login: a token of the token file as a bearer token, or as the password of HTTP Basic, for browsers. Callers without one are
/// anonymous, and may do what <c>Http:AllowAnonymous</c> says; everything where there is no token file and only this machine can call.
/// </summary>
internal sealed class TokenScheme(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, TokenFile tokens,
    AccessOptions access)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Its name.</summary>
    public const string Name = "token";

    /// <summary>The answer to a caller without a token.</summary>
    public const string Refusal = "a token is needed: send 'Authorization: Bearer TOKEN', or the token as the password of HTTP Basic";

    /// <summary>The answer to a caller who may not do this.</summary>
    public static string Denial(string caller, string verb) =>
        $"'{caller}' may not do this: it needs {verb}, for this cluster, in Http:TokenFile or Http:AllowAnonymous";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var authorization = Request.Headers.Authorization.ToString();
        if (!tokens.IsUsed || authorization == "")
        {
            return access.Anonymous.Count > 0 ? Success(new Caller(Caller.Nobody, access.Anonymous)) : AuthenticateResult.NoResult();
        }

        return TokenIn(authorization) is { Length: > 0 } token && await tokens.FindAsync(token, Context.RequestAborted) is { } caller
            ? Success(caller) : AuthenticateResult.Fail("no such token");
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Basic realm=\"etcd backups\", charset=\"UTF-8\", Bearer";
        return AnswerAsync(StatusCodes.Status401Unauthorized, Refusal);
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var caller = Caller.Of(Context.User)?.Name ?? Caller.Nobody;
        var verb = Context.GetEndpoint()?.Metadata.GetMetadata<GrantRequirement>()?.Verb ?? Verbs.Admin;

        // Without a token they may be somebody who may.
        return tokens.IsUsed && caller == Caller.Nobody ? HandleChallengeAsync(properties)
            : AnswerAsync(StatusCodes.Status403Forbidden, Denial(caller, verb));
    }

    private static string? TokenIn(string authorization) => authorization switch
    {
        _ when authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) => authorization[7..].Trim(),
        _ when authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) => PasswordOf(authorization[6..].Trim()),
        _ => null,
    };

    private static string? PasswordOf(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length) is var pair &&
            pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            ? pair[(colon + 1)..]
            : null;
    }

    private static AuthenticateResult Success(Caller caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(), Name));

    private async Task AnswerAsync(int status, string detail)
    {
        Response.StatusCode = status;
        await Context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = Context,
            ProblemDetails = new ProblemDetails { Status = status, Detail = detail },
        });
    }
}

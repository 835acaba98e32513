using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EtcdBackup.Host.Access;

/// <summary>
/// Any login: passes a request on to the way that <see cref="LoginChoice"/> says, and answers whoever is not let in. Callers who show
/// nothing are anonymous, and may do what <c>Http:AllowAnonymous</c> says; everything where there is no login and only this machine can
/// call.
/// </summary>
internal sealed class LoginScheme(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AccessOptions access)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Its name.</summary>
    public const string Name = "login";

    /// <summary>The answer to a caller who shows nothing.</summary>
    public const string Refusal =
        "a login is needed: send 'Authorization: Bearer TOKEN', or the token as the password of HTTP Basic, or show a client certificate";

    private const string Where = "Http:TokenFile, Http:Jwt, Http:ClientCertificates or Http:AllowAnonymous";

    /// <summary>The way by which the caller of a request logged in, or did not need to; "-" if that failed.</summary>
    public static string WayOf(HttpContext context) =>
        context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Ticket?.AuthenticationScheme ?? "-";

    /// <summary>The answer to a caller who may not do this.</summary>
    public static string Denial(string caller, string verb) =>
        $"'{caller}' may not do this: it needs {verb}, for this cluster, in {Where}";

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(access.Anonymous.Count > 0
        ? AuthenticateResult.Success(new AuthenticationTicket(Caller.Anonymous(access.Anonymous).ToPrincipal(), Name))
        : AuthenticateResult.NoResult());

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var tried = await Context.AuthenticateAsync();
        Response.Headers.WWWAuthenticate = "Basic realm=\"etcd backups\", charset=\"UTF-8\", Bearer";
        await Context.AnswerProblemAsync(StatusCodes.Status401Unauthorized, tried.Failure?.Message ?? Refusal);
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var caller = Caller.Of(Context.User) ?? Caller.Anonymous([]);
        if (access.HasLogin && caller.IsAnonymous)
        {
            // They may be somebody who may.
            return HandleChallengeAsync(properties);
        }

        var verb = Context.GetEndpoint()?.Metadata.GetMetadata<GrantRequirement>()?.Verb ?? Verbs.Admin;
        return Context.AnswerProblemAsync(StatusCodes.Status403Forbidden, caller.Grants.Count > 0 ? Denial(caller.Name, verb)
            : $"'{caller.Name}' may do nothing: no rule of Http:Jwt or Http:ClientCertificates fits them");
    }
}

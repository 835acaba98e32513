using EtcdBackup.Host.Access.Certificates;
using EtcdBackup.Host.Access.Jwt;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace EtcdBackup.Host.Access;

/// <summary>Who may call which route. A route without a word of it is open to nobody.</summary>
internal static class AccessSetup
{
    /// <summary>Adds login and grants.</summary>
    public static void AddAccess(this IServiceCollection services, AccessOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<TokenFile>();
        var login = services.AddAuthentication(LoginScheme.Name)
            .AddScheme<AuthenticationSchemeOptions, LoginScheme>(LoginScheme.Name, o => PassOn(o, options))
            .AddScheme<AuthenticationSchemeOptions, TokenScheme>(TokenScheme.Name, null);
        login.AddJwt(options.Issuers);
        login.AddCertificates(options.Certificates);
        services.AddAuthorizationBuilder()
            // A valid token or certificate that no rule is for makes somebody known, and nothing more.
            .SetDefaultPolicy(new AuthorizationPolicyBuilder().RequireAssertion(c => Caller.Of(c.User)?.Grants.Count > 0).Build())
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().AddRequirements(new GrantRequirement(Verbs.Admin, GrantScope.All)).Build());
    }

    /// <summary>The route needs a grant.</summary>
    public static T Needs<T>(this T route, string verb, GrantScope of = GrantScope.Cluster) where T : IEndpointConventionBuilder
    {
        var requirement = new GrantRequirement(verb, of);
        return route.RequireAuthorization(p => p.AddRequirements(requirement)).WithMetadata(requirement);
    }

    /// <summary>Lets a request pass only with a grant for all clusters, where there is no route; else answers.</summary>
    public static async Task<bool> IsAllowedAsync(this HttpContext context, string verb)
    {
        var decision = await context.RequestServices.GetRequiredService<IAuthorizationService>()
            .AuthorizeAsync(context.User, context, new GrantRequirement(verb, GrantScope.All));
        if (!decision.Succeeded)
        {
            await (Caller.Of(context.User) is null ? context.ChallengeAsync() : context.ForbidAsync());
        }

        return decision.Succeeded;
    }

    private static void PassOn(AuthenticationSchemeOptions login, AccessOptions options)
    {
        login.ForwardDefaultSelector = c =>
            LoginChoice.Of(options, c.Request.Headers.Authorization.ToString(), c.Connection.ClientCertificate is not null);
        (login.ForwardChallenge, login.ForwardForbid) = (LoginScheme.Name, LoginScheme.Name);
    }
}

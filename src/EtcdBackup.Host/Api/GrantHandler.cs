using EtcdBackup.Host.Access;
using Microsoft.AspNetCore.Authorization;

namespace EtcdBackup.Host.Api;

/// <summary>Decides whether a caller has what a route needs.</summary>
internal sealed partial class GrantHandler(ClusterResolver clusters, ILogger<GrantHandler> logger) : AuthorizationHandler<GrantRequirement>
{
    /// <inheritdoc/>
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, GrantRequirement requirement)
    {
        if (Caller.Of(context.User) is not { } caller || context.Resource is not HttpContext http)
        {
            return;
        }

        if (await IsAllowedAsync(caller, requirement, http))
        {
            context.Succeed(requirement);
        }
        else
        {
            // Escaped: a line feed in a path must not begin a line of the log.
            var path = http.Request.Path.ToUriComponent();
            LogDenied(caller.Name, requirement.Verb, http.Request.Method, path, http.Connection.RemoteIpAddress?.ToString());
        }
    }

    private async Task<bool> IsAllowedAsync(Caller caller, GrantRequirement requirement, HttpContext http) => requirement.Of switch
    {
        GrantScope.All => caller.MayAll(requirement.Verb),
        GrantScope.Some => caller.MaySome(requirement.Verb),
        // Who may do it to no cluster learns nothing of clusters.
        _ => caller.MaySome(requirement.Verb) && caller.May(requirement.Verb, await clusters.MeantAsync(http)),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Denied: {Caller} has no {Verb} for {Method} {Path} (from {Address})")]
    private partial void LogDenied(string caller, string verb, string method, string path, string? address);
}

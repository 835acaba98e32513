using EtcdBackup.Host.Access;
using Microsoft.AspNetCore.Authorization;

namespace EtcdBackup.Host.Api;

/// <summary>Decides whether a caller has what a route needs.</summary>
internal sealed class GrantHandler(ClusterResolver clusters) : AuthorizationHandler<GrantRequirement>
{
    /// <inheritdoc/>
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, GrantRequirement requirement)
    {
        if (context.Resource is not HttpContext http)
        {
            return;
        }

        AuditLog.Note(http, requirement.Verb);
        if (Caller.Of(context.User) is { } caller && await IsAllowedAsync(caller, requirement, http))
        {
            context.Succeed(requirement);
        }
    }

    private async Task<bool> IsAllowedAsync(Caller caller, GrantRequirement requirement, HttpContext http) => requirement.Of switch
    {
        GrantScope.All => caller.MayAll(requirement.Verb),
        GrantScope.Some => caller.MaySome(requirement.Verb),
        // Who may do it to no cluster learns nothing of clusters.
        _ => caller.MaySome(requirement.Verb) && await IsAllowedForMeantAsync(caller, requirement.Verb, http),
    };

    // That a host names no cluster, or more than one, tells which there are: that is for who may do it to all.
    private async Task<bool> IsAllowedForMeantAsync(Caller caller, string verb, HttpContext http)
    {
        try
        {
            return caller.May(verb, await clusters.MeantAsync(http));
        }
        catch (ApiException e) when (e.Status != StatusCodes.Status400BadRequest && !caller.MayAll(verb))
        {
            return false;
        }
    }
}

using Microsoft.AspNetCore.Authorization;

namespace EtcdBackup.Host.Access;

/// <summary>What a route needs. It is also the route's metadata.</summary>
/// <param name="Verb">One of <see cref="Verbs"/>.</param>
/// <param name="Of">For which clusters.</param>
internal sealed record GrantRequirement(string Verb, GrantScope Of) : IAuthorizationRequirement;

/// <summary>For which clusters a grant is needed.</summary>
internal enum GrantScope
{
    /// <summary>The one that the request names.</summary>
    Cluster,

    /// <summary>Some: the answer shows no others.</summary>
    Some,

    /// <summary>All of them.</summary>
    All,
}

using Microsoft.AspNetCore.Authorization;

namespace EtcdBackup.Host.Access;

/// <summary>What a route needs. It is also the route's metadata.</summary>
/// <param name="Verb">One of <see cref="Verbs"/>.</param>
/// <param name="Of">For which clusters.</param>
internal sealed record GrantRequirement(string Verb, GrantScope Of) : IAuthorizationRequirement;

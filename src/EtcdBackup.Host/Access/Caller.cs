using System.Security.Claims;
using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Access;

/// <summary>Who calls, and what they may do.</summary>
/// <param name="Name">The name in the token file; <c>anonymous</c> without a token.</param>
/// <param name="Grants">What they may do.</param>
internal sealed record Caller(string Name, IReadOnlyList<Grant> Grants)
{
    /// <summary>The name of callers without a token.</summary>
    public const string Nobody = "anonymous";

    /// <summary>The caller of a request; null before the login, or if it failed.</summary>
    public static Caller? Of(ClaimsPrincipal user) => (user.Identity as CallerIdentity)?.Caller;

    /// <summary>Whether they may do this to some cluster.</summary>
    public bool MaySome(string verb) => Grants.Any(g => g.AllowsSome(verb));

    /// <summary>Whether they may do this to a cluster.</summary>
    public bool May(string verb, ClusterKey cluster) => Grants.Any(g => g.Allows(verb, cluster));

    /// <summary>Whether they may do this to all clusters.</summary>
    public bool MayAll(string verb) => Grants.Any(g => g.AllowsAll(verb));

    /// <summary>The caller as ASP.NET carries it.</summary>
    public ClaimsPrincipal ToPrincipal() => new(new CallerIdentity(this));

    private sealed class CallerIdentity(Caller caller) : ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], TokenScheme.Name)
    {
        public Caller Caller { get; } = caller;
    }
}

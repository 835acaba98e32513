using System.Globalization;
using System.Security.Claims;
using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Access;

/// <summary>Who calls, and what they may do.</summary>
/// <param name="Name">Their name in the token file, their token or certificate.</param>
/// <param name="Grants">What they may do.</param>
internal sealed record Caller(string Name, IReadOnlyList<Grant> Grants)
{
    /// <summary>Whether they did not log in: their name alone does not tell, somebody may be called so.</summary>
    public bool IsAnonymous { get; private init; }

    /// <summary>Somebody who did not log in.</summary>
    public static Caller Anonymous(IReadOnlyList<Grant> grants) => new("anonymous", grants) { IsAnonymous = true };

    /// <summary>Somebody named by a token or a certificate: a blank in the name must not begin another field of the audit log.</summary>
    public static Caller Named(string name, IReadOnlyList<Grant> grants) =>
        new(string.Concat(InOneLine(name).Select(c => char.IsWhiteSpace(c) ? '_' : c)), grants);

    /// <summary>The caller of a request; null before the login, or if it failed.</summary>
    public static Caller? Of(ClaimsPrincipal user) => (user.Identity as CallerIdentity)?.Caller;

    /// <summary>A text from outside as a part of one line: in a name, a line feed must not begin a line of the log.</summary>
    public static string InOneLine(string text) => string.Concat(text.Select(c =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Format ? '?' : c));

    /// <summary>Whether they may do this to some cluster.</summary>
    public bool MaySome(string verb) => Grants.Any(g => g.AllowsSome(verb));

    /// <summary>Whether they may do this to a cluster.</summary>
    public bool May(string verb, ClusterKey cluster) => Grants.Any(g => g.Allows(verb, cluster));

    /// <summary>Whether they may do this to all clusters.</summary>
    public bool MayAll(string verb) => Grants.Any(g => g.AllowsAll(verb));

    /// <summary>The caller as ASP.NET carries it.</summary>
    public ClaimsPrincipal ToPrincipal() => new(new CallerIdentity(this));

    private sealed class CallerIdentity(Caller caller) : ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], LoginScheme.Name)
    {
        public Caller Caller { get; } = caller;
    }
}

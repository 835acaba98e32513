using System.Security.Claims;

namespace EtcdBackup.Host.Access;

/// <summary>Gives grants to callers of whom a token or a certificate says something.</summary>
/// <param name="Claim">What it says something of, e.g. <c>sub</c>.</param>
/// <param name="Value">What it says; a <c>*</c> at its end stands for anything.</param>
/// <param name="Grants">What these callers may do.</param>
internal sealed record GrantRule(string Claim, string Value, IReadOnlyList<Grant> Grants)
{
    /// <summary>What callers may do: everything that one of the rules gives them.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="claims">What is said of the caller; a list, such as <c>groups</c>, is one claim for each of its items.</param>
    public static IReadOnlyList<Grant> GrantsOf(IEnumerable<GrantRule> rules, IReadOnlyCollection<Claim> claims) =>
        [.. rules.Where(r => claims.Any(r.Fits)).SelectMany(r => r.Grants).Distinct()];

    private bool Fits(Claim claim) => claim.Type == Claim && (Value.EndsWith('*')
        ? claim.Value.StartsWith(Value[..^1], StringComparison.Ordinal) : claim.Value == Value);
}

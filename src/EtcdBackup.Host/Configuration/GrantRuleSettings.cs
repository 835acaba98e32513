using EtcdBackup.Host.Access;

namespace EtcdBackup.Host.Configuration;

/// <summary>Gives grants to callers of whom a token or a certificate says something.</summary>
internal sealed class GrantRuleSettings
{
    /// <summary>What it says something of: a claim such as <c>sub</c>, or one of <c>CN</c>, <c>DNS</c> and <c>URI</c>.</summary>
    public string Claim { get; set; } = "";

    /// <summary>What it says; a <c>*</c> at its end stands for anything.</summary>
    public string Value { get; set; } = "";

    /// <summary>What these callers may do.</summary>
    public IReadOnlyList<string> Grants { get; set; } = [];

    public GrantRule ToRule() => new(Claim, Value, [.. Grants.Select(Grant.Parse)]);
}

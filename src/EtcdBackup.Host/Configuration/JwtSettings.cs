using EtcdBackup.Host.Access.Jwt;

namespace EtcdBackup.Host.Configuration;

/// <summary>An issuer whose JSON web tokens log in.</summary>
internal sealed class JwtSettings
{
    /// <summary>The <c>iss</c> of its tokens.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>The audience that its tokens must be for. Without one, a token made for another service would open this one.</summary>
    public string Audience { get; set; } = "";

    /// <summary>Where OIDC discovery finds its keys, <c>https://…</c>.</summary>
    public string Authority { get; set; } = "";

    /// <summary>A file with its keys, a JSON web key set; instead of <see cref="Authority"/>.</summary>
    public string JwksFile { get; set; } = "";

    /// <summary>Certificates (PEM) of the authorities to trust at <see cref="Authority"/>; empty: the machine's own.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>A file with a token to show at <see cref="Authority"/>; empty: none.</summary>
    public string TokenFile { get; set; } = "";

    /// <summary>The claim with the caller's name, for logs and answers.</summary>
    public string NameClaim { get; set; } = "sub";

    /// <summary>What the bearers may do.</summary>
    public IReadOnlyList<GrantRuleSettings> Grants { get; set; } = [];

    public JwtIssuer ToIssuer() => new()
    {
        Issuer = Issuer,
        Audience = Audience,
        Authority = Authority,
        JwksFile = JwksFile,
        CaFile = CaFile,
        TokenFile = TokenFile,
        NameClaim = NameClaim,
        Rules = [.. Grants.Select(g => g.ToRule())],
    };
}

namespace EtcdBackup.Host.Access.Jwt;

/// <summary>Whose JSON web tokens log in, and what their bearers may do.</summary>
internal sealed record JwtIssuer
{
    /// <summary>The <c>iss</c> of the tokens.</summary>
    public required string Issuer { get; init; }

    /// <summary>The audience that the tokens must be for.</summary>
    public required string Audience { get; init; }

    /// <summary>Where the keys are found by OIDC discovery; empty: they are in a file.</summary>
    public string Authority { get; init; } = "";

    /// <summary>The file of the keys.</summary>
    public string JwksFile { get; init; } = "";

    /// <summary>Authorities (PEM) to trust at <see cref="Authority"/>; empty: the machine's own.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>A token to show there; empty: none.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>The claim with the caller's name.</summary>
    public string NameClaim { get; init; } = "sub";

    /// <summary>What the bearers may do.</summary>
    public IReadOnlyList<GrantRule> Rules { get; init; } = [];

    /// <summary>The name of its login among others.</summary>
    public string Scheme => $"jwt:{Issuer}";
}

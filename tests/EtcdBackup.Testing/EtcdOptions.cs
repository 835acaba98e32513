namespace EtcdBackup.Testing;

/// <summary>How to start a cluster.</summary>
public sealed record EtcdOptions
{
    /// <summary>Debian's suite that the server comes from: bookworm 3.4, trixie 3.5.16, forky 3.5.30.</summary>
    public string Suite { get; init; } = "forky";

    public int Members { get; init; } = 1;

    /// <summary>The suite of each member, while a cluster is upgraded; empty: all are of <see cref="Suite"/>.</summary>
    public IReadOnlyList<string> Suites { get; init; } = [];

    /// <summary>TLS of the client side; null: plain.</summary>
    public TlsArguments? Tls { get; init; }

    /// <summary>The path of a socket at which the only member listens too; empty: none.</summary>
    public string Socket { get; init; } = "";

    public IReadOnlyList<string> Arguments { get; init; } = [];
}

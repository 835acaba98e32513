namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>A problem that was told, until it ends.</summary>
internal sealed record OpenProblem
{
    /// <summary>Identifies it: a receiver that gets it twice knows it.</summary>
    public required string Id { get; init; }

    /// <summary>What kind.</summary>
    public required EventKind Kind { get; init; }

    /// <summary>What distinguishes it from others of the kind.</summary>
    public required string Subject { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>What is wrong, as it was last found.</summary>
    public required string Message { get; init; }

    /// <summary>When it was last told.</summary>
    public required DateTimeOffset ToldAt { get; init; }

    /// <summary>How often it was told.</summary>
    public int Times { get; init; } = 1;

    /// <summary>Whether this is what was found.</summary>
    public bool Is(Finding finding) => Kind == finding.Kind && Subject == finding.Subject;
}

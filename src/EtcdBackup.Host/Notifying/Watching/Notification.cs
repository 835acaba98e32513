using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>Something to tell.</summary>
internal sealed record Notification
{
    /// <summary>Identifies it: told twice, it has the same.</summary>
    public required string Id { get; init; }

    /// <summary>What happened: a problem, or that one ended.</summary>
    public required EventKind Event { get; init; }

    /// <summary>The problem that it is about.</summary>
    public required OpenProblem Problem { get; init; }

    /// <summary>Of which cluster.</summary>
    public required ClusterKey Cluster { get; init; }

    /// <summary>When it was noticed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What happened, in sentences.</summary>
    public required string Message { get; init; }

    /// <summary>The last success of the cluster.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Failed runs since then.</summary>
    public int FailuresInRow { get; init; }

    /// <summary>Whether it says that a problem ended.</summary>
    public bool IsEnd => Event == EventKind.Recovered;

    /// <summary>Whether it says again what was told before.</summary>
    public bool IsRepeat => !IsEnd && Problem.Times > 1;
}

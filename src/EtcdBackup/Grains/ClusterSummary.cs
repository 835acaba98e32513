using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>The status of one cluster's backups, from its grain's memory.</summary>
public sealed record ClusterSummary
{
    /// <summary>Which cluster.</summary>
    public required ClusterKey Key { get; init; }

    /// <summary>False when no such cluster is registered.</summary>
    public required bool Registered { get; init; }

    /// <summary>The silo that serves it.</summary>
    public required string Silo { get; init; }

    /// <summary>When the next backup is due, UTC.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>The end of the last run that succeeded or found nothing new, UTC.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Failed runs since then.</summary>
    public int FailuresInRow { get; init; }

    /// <summary>The last run.</summary>
    public RunOutcome? LastOutcome { get; init; }

    /// <summary>The run in flight.</summary>
    public RunningBackup? Running { get; init; }

    /// <summary>The spec in force.</summary>
    public ClusterSpec? Spec { get; init; }
}

using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>What is judged of one cluster: little, as it is kept of each.</summary>
internal sealed record WatchedCluster
{
    /// <summary>Which cluster.</summary>
    public required ClusterKey Cluster { get; init; }

    /// <summary>The time between two backups; null if its grain knows no spec now.</summary>
    public required TimeSpan? Interval { get; init; }

    /// <summary>The end of the last run that succeeded or found nothing new.</summary>
    public required DateTimeOffset? LastSuccess { get; init; }

    /// <summary>When its first backup was due, as it was first seen; counts while it had no success.</summary>
    public required DateTimeOffset FirstDue { get; init; }

    /// <summary>Failed runs since the last success.</summary>
    public int FailuresInRow { get; init; }

    /// <summary>The last run.</summary>
    public RunOutcome? LastRun { get; init; }

    /// <summary>When the first of the failures in a row began; null if that is not known.</summary>
    public DateTimeOffset? FirstFailure { get; init; }

    /// <summary>What was found in its store and of its members; null if that was not asked, or is not known now.</summary>
    public StoreFindings? Stored { get; init; }

    /// <summary>Takes them out of a grain's answer.</summary>
    /// <param name="summary">What the grain remembers.</param>
    /// <param name="status">The status, if it was asked for.</param>
    /// <param name="firstDue">When its first backup was due.</param>
    public static WatchedCluster Of(ClusterSummary summary, ClusterStatus? status, DateTimeOffset firstDue) => new()
    {
        Cluster = summary.Key,
        Interval = summary.Spec?.Backup.Interval,
        LastSuccess = summary.LastSuccess,
        FirstDue = firstDue,
        FailuresInRow = summary.FailuresInRow,
        LastRun = summary.LastOutcome,
        FirstFailure = status?.Outcomes.TakeWhile(o => o.Result is not (RunResult.Succeeded or RunResult.Unchanged))
            .LastOrDefault(o => o.Result != RunResult.Stopped)?.StartedAt,
        Stored = status is null ? null : StoreFindings.Of(status),
    };
}

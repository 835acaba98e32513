using EtcdBackup.Grains;

namespace EtcdBackup.Host.Api;

/// <summary>One line of the list of clusters.</summary>
/// <param name="Namespace">The cluster's namespace.</param>
/// <param name="Name">The cluster's name.</param>
/// <param name="NextDue">When the next backup is due, UTC.</param>
/// <param name="LastSuccess">When a backup last succeeded or was found to be up to date, UTC.</param>
/// <param name="FailuresInRow">Failed runs since then.</param>
/// <param name="LastRun">The last run.</param>
/// <param name="Running">The backup that runs now; absent when none does.</param>
/// <param name="Silo">The silo that serves the cluster; empty while it moves to another silo, and when it is no longer backed up: then
/// nothing else is known of it.</param>
/// <param name="MissingSince">Since when no source names it, UTC; absent while one does.</param>
/// <param name="UnregisteredAt">When it was, or will be, unregistered (no longer backed up), UTC; naming it again undoes that.</param>
/// <param name="BackupsDeletedAt">When its backups were, or will be, deleted, UTC; absent when they stay.</param>
internal sealed record ClusterLine(
    string Namespace,
    string Name,
    DateTimeOffset? NextDue,
    DateTimeOffset? LastSuccess,
    int FailuresInRow,
    RunOutcome? LastRun,
    RunningBackup? Running,
    string Silo,
    DateTimeOffset? MissingSince,
    DateTimeOffset? UnregisteredAt,
    DateTimeOffset? BackupsDeletedAt)
{
    public static ClusterLine Of(ListedCluster c, ClusterSummary s) =>
        new(c.Key.Namespace, c.Key.Name, s.NextDue, s.LastSuccess, s.FailuresInRow, s.LastOutcome, s.Running, s.Silo, c.MissingSince,
            c.UnregisteredAt, c.BackupsDeletedAt);

    /// <summary>The line of a cluster of which nothing else is known.</summary>
    public static ClusterLine Unknown(ListedCluster c) => new(c.Key.Namespace, c.Key.Name, null, null, 0, null, null, "", c.MissingSince,
        c.UnregisteredAt, c.BackupsDeletedAt);
}

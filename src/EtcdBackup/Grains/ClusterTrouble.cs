namespace EtcdBackup.Grains;

/// <summary>What is not well with a cluster's backups; several may be at once.</summary>
[Flags]
internal enum ClusterTrouble
{
    /// <summary>All is well.</summary>
    None = 0,

    /// <summary>The last run failed.</summary>
    Failing = 1,

    /// <summary>No run succeeded for more than three intervals and five minutes, as the alert has it.</summary>
    Stale = 2,

    /// <summary>There is no backup.</summary>
    Never = 4,

    /// <summary>A stored backup was found damaged.</summary>
    Damaged = 8,

    /// <summary>Members hold different data.</summary>
    Differing = 16,

    /// <summary>etcd has raised an alarm.</summary>
    Alarmed = 32,

    /// <summary>The store cannot be listed, or refuses to delete what no rule keeps.</summary>
    Store = 64,
}

/// <summary>Finds out what is not well.</summary>
internal static class ClusterTroubles
{
    private const int StaleIntervals = 3;

    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    /// <summary>The troubles of a cluster.</summary>
    /// <param name="facts">Its facts.</param>
    /// <param name="now">The present, UTC.</param>
    public static ClusterTrouble Of(ClusterFacts facts, DateTimeOffset now)
    {
        var (summary, stored) = (facts.Summary, facts.Stored);
        var interval = summary.Spec?.Backup.Interval ?? TimeSpan.Zero;
        return
            If(summary.FailuresInRow > 0, ClusterTrouble.Failing) |
            If(now - (summary.LastSuccess ?? stored?.LatestAt) > (StaleIntervals * interval) + Slack, ClusterTrouble.Stale) |
            If(stored is null ? summary.LastSuccess is null : stored.LatestAt is null, ClusterTrouble.Never) |
            If(stored is { Damaged: > 0 }, ClusterTrouble.Damaged) |
            If(stored is { MembersDiffer: true }, ClusterTrouble.Differing) |
            If(facts.Members.Any(m => m.Alarms.Count > 0), ClusterTrouble.Alarmed) |
            If(facts.StoreProblem is not null || facts.Refused > 0, ClusterTrouble.Store);

        static ClusterTrouble If(bool condition, ClusterTrouble trouble) => condition ? trouble : ClusterTrouble.None;
    }
}

using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>Facts of clusters, as tests need them.</summary>
internal static class Facts
{
    public static readonly DateTimeOffset Begin = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(30);

    public static readonly WatchRules Rules = new(AfterFailures: 3, StaleAfterIntervals: 3, TimeSpan.FromHours(24));

    /// <summary>A cluster that had a success at <see cref="Begin"/>.</summary>
    public static WatchedCluster Well => new()
    {
        Cluster = ClusterKey.Parse("default/example"),
        Interval = Interval,
        LastSuccess = Begin,
        FirstDue = Begin,
        LastRun = new RunOutcome(Begin.AddSeconds(-5), 5, RunResult.Succeeded, null, null),
    };

    /// <summary>The same after failures, one a minute.</summary>
    public static WatchedCluster Failed(int times) => Well with
    {
        FailuresInRow = times,
        FirstFailure = Begin.AddMinutes(1),
        LastRun = new RunOutcome(Begin.AddMinutes(times), 5, RunResult.EtcdFailed, "no member answers", null),
    };

    /// <summary>A finding about stored backups or members.</summary>
    public static Finding Found(EventKind kind, string subject = "") => new(kind, subject, Begin, $"{kind} {subject}");
}

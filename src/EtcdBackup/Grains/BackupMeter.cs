using System.Diagnostics.Metrics;

namespace EtcdBackup.Grains;

/// <summary>
/// The metrics of runs, as a .NET meter. They have no label for the cluster, because there may be ten thousand.
/// </summary>
internal static class BackupMeter
{
    private static readonly Meter Meter = new("etcdbackup");
    private static readonly Counter<long> Runs = Meter.CreateCounter<long>("runs", description: "Runs by their result.");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>(
        "snapshot.bytes", "By", "Bytes of the snapshots that were taken.");
    private static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>(
        "run.seconds", "s", "How long runs took, by their result.");

    /// <summary>Counts a run.</summary>
    public static void Count(RunOutcome outcome, long snapshotBytes)
    {
        var result = new KeyValuePair<string, object?>("result", outcome.Result.ToString());
        Runs.Add(1, result);
        Seconds.Record(outcome.Seconds, result);
        Bytes.Add(snapshotBytes);
    }
}

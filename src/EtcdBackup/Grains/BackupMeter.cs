using System.Diagnostics.Metrics;

namespace EtcdBackup.Grains;

/// <summary>The metrics of runs, as a .NET meter. Those of each cluster are in <see cref="ClusterGauges"/>.</summary>
internal static class BackupMeter
{
    private static readonly Meter Meter = new("etcdbackup");
    private static readonly Counter<long> Runs = Meter.CreateCounter<long>("etcdbackup.runs", "{run}", "Runs by their result.");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>(
        "etcdbackup.snapshots.size", "By", "Bytes of the snapshots that were taken.");
    private static readonly Histogram<double> Seconds = Meter.CreateHistogram(
        "etcdbackup.run.duration", "s", "How long runs took, by their result.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600] });

    /// <summary>Counts a run.</summary>
    public static void Count(RunOutcome outcome, long snapshotBytes)
    {
        var result = new KeyValuePair<string, object?>("result", outcome.Result.ToString());
        Runs.Add(1, result);
        Seconds.Record(outcome.Seconds, result);
        Bytes.Add(snapshotBytes);
    }
}

using Prometheus;

namespace EtcdBackup.Host.Metrics;

/// <summary>
/// The content of <c>/metrics</c>: our meter, the silo's, and the process. Listening to every meter of .NET would cost too much.
/// </summary>
internal static class MetricsSetup
{
    private static readonly string[] Meters = ["etcdbackup", "Microsoft.Orleans", "System.Runtime"];

    /// <summary>Starts the collection.</summary>
    public static async Task StartAsync()
    {
        Prometheus.Metrics.SuppressDefaultMetrics(
            new SuppressDefaultMetricOptions { SuppressEventCounters = true, SuppressDebugMetrics = true });
        Prometheus.Metrics.ConfigureMeterAdapter(o => o.InstrumentFilterPredicate = i => Meters.Contains(i.Meter.Name));

        // It listens only from the first collection on: earlier events would not be counted.
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(Stream.Null);
    }
}

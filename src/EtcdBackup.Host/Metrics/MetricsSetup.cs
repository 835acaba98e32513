using Prometheus;

namespace EtcdBackup.Host.Metrics;

/// <summary>
/// What <c>/metrics</c> tells: our meter, the silo's, and the process. Listening to every meter of .NET would cost more than it tells.
/// </summary>
internal static class MetricsSetup
{
    private static readonly string[] Meters = ["etcdbackup", "Microsoft.Orleans", "System.Runtime"];

    /// <summary>Begins to count.</summary>
    public static async Task StartAsync()
    {
        Prometheus.Metrics.SuppressDefaultMetrics(
            new SuppressDefaultMetricOptions { SuppressEventCounters = true, SuppressDebugMetrics = true });
        Prometheus.Metrics.ConfigureMeterAdapter(o => o.InstrumentFilterPredicate = i => Meters.Contains(i.Meter.Name));

        // It listens from the first collection on: what comes before would not be counted.
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(Stream.Null);
    }
}

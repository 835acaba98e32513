using System.Diagnostics.Metrics;
using EtcdBackup.Host.Configuration;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EtcdBackup.Host.Metrics;

/// <summary>
/// The content of <c>/metrics</c>: our meter, and of the silo's and .NET's what helps. The same, and traces of runs, by OTLP.
/// </summary>
internal static class MetricsSetup
{
    private const string Ours = "etcdbackup";

    // Each cluster that a silo ever told takes a place, also of those that moved away.
    private const int MostClusters = 20_000;

    // What they tell beside these only their developers need, or the machine tells it too. Orleans gives its metrics no help.
    private static readonly Dictionary<string, string?> Others = new()
    {
        ["dotnet.gc.collections"] = null,
        ["dotnet.gc.pause.time"] = null,
        ["dotnet.gc.last_collection.heap.size"] = null,
        ["dotnet.process.cpu.time"] = null,
        ["dotnet.process.memory.working_set"] = null,
        ["dotnet.monitor.lock_contentions"] = null,
        ["orleans-catalog-activations"] = "Active grains of this silo, by their type.",
        ["orleans-reminders-active"] = "Reminders that this silo serves.",
        ["orleans-messaging-rejected"] = "Messages that a silo refused.",
        ["orleans-storage-read-errors"] = "Reads of grain state that failed.",
        ["orleans-storage-write-errors"] = "Writes of grain state that failed.",
        ["orleans-watchdog-health-checks-failed"] = "Failed checks of the silo's own health.",
    };

    /// <summary>Adds metrics and traces.</summary>
    public static void AddMetrics(this IServiceCollection services, MetricsSettings settings)
    {
        var telemetry = services.AddOpenTelemetry().ConfigureResource(r => r.AddService(Ours));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(Ours, "Microsoft.Orleans", "System.Runtime").AddView(ViewOf).AddPrometheusExporter(o =>
            {
                o.ScopeInfoEnabled = false;
                o.TargetInfoEnabled = false;
                o.ScrapeResponseCacheDurationMilliseconds = 0;
            });
            if (settings.OtlpEndpoint != "")
            {
                metrics.AddOtlpExporter((exporter, reader) =>
                {
                    Fill(exporter, settings, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = settings.OtlpIntervalInSecond * 1000;
                });
            }
        });
        if (settings.OtlpEndpoint != "")
        {
            telemetry.WithTracing(traces => traces.AddSource(Ours).AddOtlpExporter(e => Fill(e, settings, "v1/traces")));
        }
    }

    private static void Fill(OtlpExporterOptions exporter, MetricsSettings settings, string path)
    {
        var isHttp = settings.OtlpProtocol == OtlpProtocol.Http;
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = isHttp ? new Uri(settings.OtlpEndpoint.TrimEnd('/') + "/" + path) : new Uri(settings.OtlpEndpoint);
    }

    private static MetricStreamConfiguration? ViewOf(Instrument instrument) => instrument switch
    {
        { Meter.Name: Ours } when instrument.Name.StartsWith("etcdbackup.cluster.", StringComparison.Ordinal) ||
            instrument.Name.StartsWith("etcdbackup.log.", StringComparison.Ordinal) =>
            new MetricStreamConfiguration { CardinalityLimit = MostClusters },
        { Meter.Name: Ours } => null,
        _ when !Others.TryGetValue(instrument.Name, out _) => MetricStreamConfiguration.Drop,
        _ => Others[instrument.Name] is { } help ? new MetricStreamConfiguration { Description = help } : null,
    };
}

using System.Diagnostics.Metrics;
using EtcdBackup.Grains;
using EtcdBackup.Scheduling;
using Microsoft.Extensions.Hosting;

namespace EtcdBackup.Hosting;

/// <summary>The metrics of this silo: its clusters, its slots, and the silos that it sees.</summary>
internal sealed class SiloMeter(
    ClusterBoard board, RunSlots slots, EtcdBackupOptions options, ISiloStatusOracle silos, TimeProvider time) : IHostedService, IDisposable
{
    private readonly Meter _meter = new("etcdbackup");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        new ClusterGauges(board, options.MaxClusterMetrics, time).Register(_meter);
        _meter.CreateObservableGauge("etcdbackup.slots", () => Slots(u => u.Count), "{slot}", "How much may run at once.");
        _meter.CreateObservableGauge("etcdbackup.slots.used", () => Slots(u => u.Used), "{slot}", "How much runs now.");
        _meter.CreateObservableGauge("etcdbackup.slots.waiting", () => Slots(u => u.Waiting), "{slot}", "How much waits.");
        _meter.CreateObservableGauge(
            "etcdbackup.silos", () => silos.GetApproximateSiloStatuses(onlyActive: true).Count, "{silo}", "Active silos.");
        _meter.CreateObservableGauge(
            "etcdbackup.scrub.interval", () => options.Scrub.Interval.TotalSeconds, "s", "How often backups are read back.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> Slots(Func<(int Count, int Used, int Waiting), int> number) =>
    [
        Of("check", slots.Checks.Usage, number), Of("recheck", slots.Rechecks.Usage, number), Of("snapshot", slots.Snapshots.Usage, number),
        Of("verification", slots.Verifications.Usage, number), Of("scrub", slots.Scrubs.Usage, number),
    ];

    private static Measurement<int> Of(
        string kind, (int Count, int Used, int Waiting) usage, Func<(int Count, int Used, int Waiting), int> number) =>
        new(number(usage), new KeyValuePair<string, object?>("kind", kind));
}

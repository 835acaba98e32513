using System.Diagnostics;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <content>A cluster that is written to as fast as it can be.</content>
internal static partial class LogBench
{
    private const int Rounds = 3;
    private const int Writers = 64;
    private const int ValueBytes = 1024;
    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(20);

    private static async Task LoadAsync(int perSecond)
    {
        await using var etcd = await EtcdServers.StartAsync(Roomy);
        await using var service = new ServiceProcess();
        Configure(service, [Cluster("bench", etcd, isLogged: false)]);
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        var idle = await Measure.ServerAsync(service.Process.Id, () => Task.Delay(TimeSpan.FromSeconds(5)));
        var load = new PutLoad(etcd.Endpoints[0], perSecond, Writers, ValueBytes);
        Tell($"Puts of {ValueBytes} random bytes, {perSecond} a second asked for, by {Writers} writers; etcd 3.5, service and " +
            $"writers on the same cores. Before the log began the service had {idle.PeakMegabytes:0} MB.");
        await SwitchAsync(etcd, service, isLogged: true);
        await MeasureAsync(load, service);
        var ratios = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            await SwitchAsync(etcd, service, isLogged: false);
            var without = await MeasureAsync(load, service);
            Tell($"  without the log: {without.PerSecond:0} puts a second, p99 {without.P99 * 1000:0.0} ms; service " +
                $"{without.Cores:0.00} cores, {without.Megabytes:0} MB at most");
            await SwitchAsync(etcd, service, isLogged: true);
            var with = await MeasureAsync(load, service);
            var last = await etcd.RevisionAsync();
            var behind = last - (await LogAsync(service))!.Value.GetProperty("received").GetInt64();
            var watch = Stopwatch.StartNew();
            await UntilStoredAsync(service, last);
            Tell($"  with the log: {with.PerSecond:0} puts a second, p99 {with.P99 * 1000:0.0} ms; service {with.Cores:0.00} " +
                $"cores, {with.Megabytes:0} MB at most; {behind} revisions behind at the end, all stored " +
                $"{watch.Elapsed.TotalSeconds:0.0} s later");
            ratios.Add(with.P99 / without.P99);
        }

        var segments = Segments(service).ToArray();
        Tell($"p99 with the log / without: {Median(ratios):0.00} (median of {Rounds}, {ratios.Min():0.00} to " +
            $"{ratios.Max():0.00}). Log bytes before compression / bytes of the events: " +
            $"{(double)segments.Sum(s => s.PlainBytes) / load.EventBytes:0.000}; stored: " +
            $"{(double)segments.Sum(s => s.StoredBytes) / load.EventBytes:0.000} of them, in {segments.Length} segments.");
    }

    // Before it is measured, what was written without the log is made up for.
    private static async Task SwitchAsync(EtcdServers etcd, ServiceProcess service, bool isLogged)
    {
        Configure(service, [Cluster("bench", etcd, isLogged)]);
        await Workspace.UntilAsync(async () => await LogAsync(service) is not null == isLogged, "the service follows its configuration");
        if (isLogged)
        {
            await UntilStoredAsync(service, await etcd.RevisionAsync());
        }
    }

    private static async Task<(double PerSecond, double P99, double Cores, double Megabytes)> MeasureAsync(
        PutLoad load, ServiceProcess service)
    {
        using var end = new CancellationTokenSource(Phase);
        var cost = await Measure.ServerAsync(service.Process.Id, () => load.RunAsync(end.Token));
        return (load.Seconds.Count / cost.WallSeconds, load.P99, cost.CpuSeconds / cost.WallSeconds, cost.PeakMegabytes);
    }
}

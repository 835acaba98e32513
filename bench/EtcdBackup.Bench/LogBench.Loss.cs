using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <content>The cluster and the service die at once.</content>
internal static partial class LogBench
{
    private const int LossPerSecond = 200;

    private static async Task LossAsync(int times)
    {
        await using var etcd = await EtcdServers.StartAsync(Roomy);
        await using var service = new ServiceProcess();
        Configure(service, [Cluster("bench", etcd, isLogged: true)]);
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        await UntilStoredAsync(service, await etcd.RevisionAsync());
        Tell($"{LossPerSecond} puts of {ValueBytes} bytes a second, sealInSecond 10; kill -9 of etcd and service at a random " +
            $"moment, {times} times.");
        var missing = new List<double>();
        for (var i = 0; i < times; i++)
        {
            var load = new PutLoad(etcd.Endpoints[0], LossPerSecond, writers: 4, ValueBytes);
            var writing = load.RunAsync(CancellationToken.None);
            await Task.Delay(TimeSpan.FromSeconds(12 + (Random.Shared.NextDouble() * 10)));
            await Task.WhenAll(service.KillAsync(), etcd.KillAsync(0));
            await writing;

            // What the store has, nobody having tidied up.
            var puts = load.Puts.OrderBy(p => p.Revision).ToArray();
            var stored = Segments(service).Max(s => s.Last);
            var last = puts.LastOrDefault(p => p.Revision <= stored);
            missing.Add((puts[^1].At - (last == default ? puts[0].At : last.At)).TotalSeconds);
            Tell($"  {puts.Length} puts confirmed, {puts.Count(p => p.Revision > stored)} of them not in the store: the last " +
                $"{missing[^1]:0.0} s");
            etcd.StartMember(0);
            await etcd.WaitHealthyAsync();
            await service.StartAsync();
            await UntilStoredAsync(service, await etcd.RevisionAsync());
        }

        Tell($"Missing in the store: {Median(missing):0.0} s of the writes (median), {missing.Max():0.0} s at most.");
    }
}

using System.Globalization;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>The service's backup against <c>etcdctl snapshot save</c>, on one etcd, in turn.</summary>
internal static class SnapshotBench
{
    public static async Task RunAsync(int megabytes, int rounds)
    {
        await using var etcd = await EtcdServers.StartAsync(
            new EtcdOptions { Arguments = ["--quota-backend-bytes", "8589934592", "--snapshot-count", "1000"] });
        Console.WriteLine($"Filling etcd with {megabytes} MiB ...");
        await etcd.PutAsync("/bench", megabytes, 1024 * 1024);
        await using var service =
            await new ServiceProcess().With(ServiceProcess.Cluster("bench", etcd.Endpoints, 86_400, maxBackups: 1)).StartAsync();
        await service.Client.GetAsync("/v1/backupnow");

        // Both sides once before it counts: page cache, and the service's JIT.
        using var scratch = new ScratchDirectory();
        var pairs = new List<(Cost, Cost)>();
        for (var round = -1; round < rounds; round++)
        {
            await etcd.CtlAsync("put", "/round", (round + 1).ToString(CultureInfo.InvariantCulture));
            Cost ours, theirs;
            if (round % 2 == 0)
            {
                ours = await OursAsync();
                theirs = await TheirsAsync();
            }
            else
            {
                theirs = await TheirsAsync();
                ours = await OursAsync();
            }

            if (round >= 0)
            {
                pairs.Add((ours, theirs));
            }
        }

        var version = (await etcd.CtlAsync("version")).Split('\n')[0].Split(' ')[^1];
        Console.WriteLine(
            $"One etcd {version}, {megabytes} MiB of values, {rounds} pairs, order alternating. " +
            "Service: probe, stream, proof, fsync, commit. etcdctl: snapshot save, whole command.");
        Measure.Compare("service", "etcdctl snapshot save", pairs);

        Task<Cost> OursAsync() =>
            Measure.ServerAsync(service.Process.Id, async () => (await service.Client.GetAsync("/v1/backupnow")).EnsureSuccessStatusCode());

        async Task<Cost> TheirsAsync()
        {
            var file = scratch["theirs.db"];
            File.Delete(file);
            return await Measure.CommandAsync(
                Workspace.EtcdTool("forky", "etcdctl"), "--endpoints", etcd.Endpoints[0], "snapshot", "save", file);
        }
    }
}

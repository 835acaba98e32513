using System.Diagnostics;
using System.Globalization;
using EtcdBackup.Snapshots;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>
/// Our reading of a snapshot file against <c>etcdutl snapshot status</c>, both as whole commands on a warm file, in turn.
/// </summary>
internal static class InspectBench
{
    private const int ValueBytes = 1024;

    public static async Task RunAsync(int megabytes, int rounds)
    {
        using var scratch = new ScratchDirectory();
        var file = scratch["snapshot.db"];
        await using (var etcd = await EtcdServers.StartAsync(
            new EtcdOptions { Arguments = ["--quota-backend-bytes", "8589934592", "--snapshot-count", "1000"] }))
        {
            Console.WriteLine($"Filling etcd with {megabytes} MiB of values of {ValueBytes} bytes ...");
            await etcd.PutManyAsync("/bench/namespaces/default/objects", megabytes * 1024 * 1024 / ValueBytes, ValueBytes);
            await etcd.CtlAsync("snapshot", "save", file, "--command-timeout", "300s");
        }

        var gigabytes = new FileInfo(file).Length / 1e9;
        foreach (var depth in new[] { "structure", "content" })
        {
            var pairs = new List<(Cost, Cost)>();
            for (var round = -1; round < rounds; round++)
            {
                Cost ours, theirs;
                if (round % 2 == 0)
                {
                    ours = await OursAsync(depth);
                    theirs = await TheirsAsync();
                }
                else
                {
                    theirs = await TheirsAsync();
                    ours = await OursAsync(depth);
                }

                if (round >= 0)
                {
                    pairs.Add((ours, theirs));
                }
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{depth}: {gigabytes:0.00} GB, {rounds} pairs, whole commands with their start"));
            Measure.Compare("inspector", "etcdutl snapshot status", pairs);
        }

        // Without the start of a process: how fast the reading itself is.
        foreach (var depth in new[] { "structure", "content" })
        {
            Read(file, depth);
            var speeds = Enumerable.Range(0, rounds).Select(_ =>
            {
                var watch = Stopwatch.StartNew();
                Read(file, depth);
                return gigabytes / watch.Elapsed.TotalSeconds;
            });
            Console.WriteLine($"{depth + " in a warm process, GB/s",-34} {Measure.Spread(speeds)}");
        }

        Task<Cost> OursAsync(string depth) =>
            Measure.CommandAsync("dotnet", Path.Combine(AppContext.BaseDirectory, "EtcdBackup.Bench.dll"), "inspect-file", file, depth);

        Task<Cost> TheirsAsync() => Measure.CommandAsync(Workspace.EtcdTool("forky", "etcdutl"), "snapshot", "status", file, "-w", "json");
    }

    /// <summary>Reads one file; what the measured command does.</summary>
    public static void Read(string file, string depth)
    {
        _ = depth == "content" ? SnapshotInspector.InspectContent(file) : SnapshotInspector.Inspect(file);
    }
}

using System.Diagnostics;
using System.Globalization;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>
/// <c>etcdbackup inspect</c> against etcd's own tools, as whole commands on a warm file, in turn; and the reading alone.
/// </summary>
internal static class InspectBench
{
    private const int ValueBytes = 1024;

    public static async Task RunAsync(string program, int megabytes, int rounds)
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
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{gigabytes:0.00} GB, {rounds} pairs, whole commands with their start"));
        var status = new[] { Workspace.EtcdTool("forky", "etcdutl"), "snapshot", "status", file, "-w", "json" };
        await PairsAsync([program, "inspect", file, "-o", "json"], status, rounds);
        await PairsAsync([program, "inspect", file, "-o", "json", "--all"], status, rounds);
        if (Environment.GetEnvironmentVariable("ETCDUTL") is { Length: > 0 } newer)
        {
            await PairsAsync([program, "inspect", file, "-o", "json"], [newer, "snapshot", "status", file, "-w", "json"], rounds);
            await PairsAsync([program, "inspect", file, "-o", "json", "--all"], [newer, "hashkv", file, "-w", "json"], rounds);
        }

        // Without the start of a process: how fast the reading itself is.
        Reading("structure", () => SnapshotInspector.Inspect(file));
        Reading("status", () => SnapshotInspector.InspectStatus(file));
        Reading("content", () => SnapshotInspector.InspectContent(file));
        Reading("SHA-256", () => SnapshotDigest.IsRight(file, CancellationToken.None));

        void Reading(string name, Action read)
        {
            read();
            var speeds = Enumerable.Range(0, rounds).Select(_ =>
            {
                var watch = Stopwatch.StartNew();
                read();
                return gigabytes / watch.Elapsed.TotalSeconds;
            });
            Console.WriteLine($"{name + " in a warm process, GB/s",-44} {Measure.Spread(speeds)}");
        }
    }

    private static async Task PairsAsync(string[] ours, string[] theirs, int rounds)
    {
        var pairs = new List<(Cost, Cost)>();

        // The first round warms up.
        for (var round = -1; round < rounds; round++)
        {
            var first = await Measure.CommandAsync((round % 2 == 0 ? ours : theirs)[0], (round % 2 == 0 ? ours : theirs)[1..]);
            var second = await Measure.CommandAsync((round % 2 == 0 ? theirs : ours)[0], (round % 2 == 0 ? theirs : ours)[1..]);
            if (round >= 0)
            {
                pairs.Add(round % 2 == 0 ? (first, second) : (second, first));
            }
        }

        Console.WriteLine();
        Measure.Compare(Name(ours), Name(theirs), pairs);

        static string Name(string[] command) => string.Join(' ', command.Skip(1).Where(a => !a.Contains('.', StringComparison.Ordinal))
            .Except(["-o", "-w", "json"]).Prepend(Path.GetFileName(command[0])));
    }
}

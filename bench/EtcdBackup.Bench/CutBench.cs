using System.Globalization;
using EtcdBackup.Snapshots;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>
/// <c>etcdbackup cut</c> as a whole command on a warm file, in turn with a durable copy of that file, and with
/// <c>etcdutl snapshot status</c>.
/// </summary>
internal static class CutBench
{
    private const int ValueBytes = 1024;

    public static async Task RunAsync(string program, int megabytes, int rounds)
    {
        using var scratch = new ScratchDirectory();
        var (file, cut, copy) = (scratch["snapshot.db"], scratch["cut.db"], scratch["copy.db"]);
        await using (var etcd = await EtcdServers.StartAsync(
            new EtcdOptions { Arguments = ["--quota-backend-bytes", "8589934592", "--snapshot-count", "1000"] }))
        {
            Console.WriteLine($"Filling etcd with {megabytes} MiB of values of {ValueBytes} bytes ...");
            await etcd.PutManyAsync("/bench/namespaces/default/objects", megabytes * 1024 * 1024 / ValueBytes, ValueBytes);
            await etcd.CtlAsync("snapshot", "save", file, "--command-timeout", "300s");
        }

        var bytes = new FileInfo(file).Length;
        var last = SnapshotInspector.Inspect(file).Revision;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB, {rounds} pairs, whole commands with their start"));
        string[] durable = ["dd", $"if={file}", $"of={copy}", "bs=1M", "conv=fsync"];
        foreach (var (what, revision) in new[] { ("all of it", last), ("half of it", last / 2) })
        {
            string[] ours = [program, "cut", file, "--revision", string.Create(CultureInfo.InvariantCulture, $"{revision}"), "-o", cut];
            await PairsAsync($"cut, {what}", ours, "dd conv=fsync", durable);
        }

        string[] status = [Workspace.EtcdTool("forky", "etcdutl"), "snapshot", "status", file, "-w", "json"];
        await PairsAsync("cut, all of it", [program, "cut", file, "--revision", $"{last}", "-o", cut], "etcdutl snapshot status", status);

        async Task PairsAsync(string ourName, string[] ours, string theirName, string[] theirs)
        {
            var pairs = new List<(Cost Ours, Cost Theirs)>();

            // The first round warms up.
            for (var round = -1; round < rounds; round++)
            {
                var first = await OnceAsync(round % 2 == 0 ? ours : theirs);
                var second = await OnceAsync(round % 2 == 0 ? theirs : ours);
                if (round >= 0)
                {
                    pairs.Add(round % 2 == 0 ? (first, second) : (second, first));
                }
            }

            Console.WriteLine();
            Measure.Compare(ourName, theirName, pairs);
            var speeds = pairs.Select(p => bytes / 1e6 / p.Ours.WallSeconds);
            Console.WriteLine($"{ourName + ", MB of the source a second",-44} {Measure.Spread(speeds)}");
        }

        async Task<Cost> OnceAsync(string[] command)
        {
            File.Delete(cut);
            File.Delete(copy);
            return await Measure.CommandAsync(command[0], command[1..]);
        }
    }
}

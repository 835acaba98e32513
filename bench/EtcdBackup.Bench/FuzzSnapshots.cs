using System.Diagnostics;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>
/// Damages a real snapshot in ever new ways, several at once, and reads it. Stops at the first that ends in anything but a report or a
/// reason.
/// </summary>
internal static class FuzzSnapshots
{
    public static async Task<int> RunAsync(int seconds, int seed)
    {
        using var scratch = new ScratchDirectory();
        await using (var etcd = await EtcdServers.StartAsync())
        {
            await etcd.PutManyAsync("/a", 2000, 40);
            await etcd.PutAsync("/large", 3, 30_000);
            await etcd.CtlAsync("del", "--prefix", "/a/1");
            await etcd.CtlAsync("compact", "--physical", "12");
            await etcd.CtlAsync("snapshot", "save", scratch["snapshot"]);
        }

        var original = await File.ReadAllBytesAsync(scratch["snapshot"]);
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        var (sound, refused) = (0, 0);
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            var bytes = original;
            for (var n = random.Next(1, 5); n > 0 && bytes.Length > 100_000; n--)
            {
                bytes = Mutation.Of(bytes, random).Bytes;
            }

            await File.WriteAllBytesAsync(scratch["mutant"], bytes);
            try
            {
                SnapshotInspector.InspectContent(scratch["mutant"]);
                sound++;
            }
            catch (SnapshotCorruptException)
            {
                refused++;
            }
            catch (Exception e)
            {
                var kept = Path.Combine(Path.GetTempPath(), $"etcdbackup-mutant-{seed}-{sound + refused}.db");
                File.Copy(scratch["mutant"], kept, overwrite: true);
                Console.WriteLine($"{e}{Environment.NewLine}The file is kept as {kept}");
                return 1;
            }
        }

        Console.WriteLine($"seed {seed}, {seconds} s: {refused} mutants refused with a reason, {sound} readable, none crashed");
        return 0;
    }
}

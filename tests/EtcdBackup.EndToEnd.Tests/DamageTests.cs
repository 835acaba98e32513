using System.Net;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Stored objects that are not what they were.</summary>
public class DamageTests
{
    [Fact]
    public async Task Bit_rot_is_found_by_the_scrub_told_in_the_status_and_mended_by_a_new_backup()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 10, 10_000);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints, 30));
        service.Config["Backups"]!["ScrubIntervalInSecond"] = 1;
        await service.StartAsync();
        var name = (await service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString();
        var file = Directory.GetFiles(service.BackupDirectory, name!, SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[60_000] ^= 1;
        var written = File.GetLastWriteTimeUtc(file);
        await File.WriteAllBytesAsync(file, bytes);

        // A disk does not say that it changed something.
        File.SetLastWriteTimeUtc(file, written);

        // The scrub comes after a run; a run that finds nothing new is one too.
        await Workspace.UntilAsync(async () =>
        {
            await service.JsonAsync("/v1/backupnow");
            return (await service.JsonAsync("/v1/status")).TryGetProperty("damaged", out _);
        }, "the rot is found");
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32() == 2, "the backup is taken again");
        var latest = await service.DownloadAsync();
        Assert.Equal(11, await Restore.RevisionAsync(latest));
        Assert.NotEqual(bytes, await File.ReadAllBytesAsync(latest));
    }

    // An idle cluster, where nothing but the file itself tells. Snapshots of 3.4 are byte-identical each time.
    [Theory]
    [InlineData("bookworm")]
    [InlineData("forky")]
    public async Task What_somebody_wrote_over_is_not_served_nor_unchanged_nor_counted_as_the_last_sound_one(string suite)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.PutAsync("/a", 10, 10_000);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        var good = (await service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString()!;
        foreach (var damage in new Action<FileStream>[] { f => f.SetLength(0), f => f.SetLength(9000), f => Scribble(f) })
        {
            await etcd.PutAsync("/b", 1);
            var name = (await service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString()!;
            using (var file = Open(name))
            {
                damage(file);
            }

            // What is known of it is told at once; and whichever is served, it restores.
            await service.JsonAsync("/v1/clusters/default/example/backups");
            await service.JsonAsync("/v1/status");
            await Restore.StatusAsync(await service.DownloadAsync());
            var again = await service.JsonAsync("/v1/backupnow");
            Assert.Equal(await etcd.RevisionAsync(), again.GetProperty("revision").GetInt64());
            Assert.NotEqual(name, again.GetProperty("name").GetString());
            Assert.Equal(await etcd.DumpAsync(), await Restore.DumpAsync(await service.DownloadAsync(), "forky"));
            Assert.Contains(name, (await service.JsonAsync("/v1/status")).GetProperty("damaged").ToString(), StringComparison.Ordinal);

            using var last = Open(again.GetProperty("name").GetString()!);
            Scribble(last);
        }

        // All but the first are damaged by now.
        using var deleted = await service.Client.DeleteAsync($"/v1/clusters/default/example/backups/{good}");
        Assert.Equal(HttpStatusCode.Conflict, deleted.StatusCode);

        FileStream Open(string name) =>
            File.Open(Directory.GetFiles(service.BackupDirectory, name, SearchOption.AllDirectories).Single(), FileMode.Open);

        static void Scribble(FileStream file)
        {
            file.Position = 8192;
            file.Write(new byte[4096].Select((_, i) => (byte)(i * 7)).ToArray());
        }
    }
}

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

    [Fact]
    public async Task Of_a_latest_backup_that_is_gone_a_new_one_is_taken_at_once_and_not_at_the_next_interval()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        await etcd.CtlAsync("put", "some", "1");
        await service.JsonAsync("/v1/backupnow");
        await etcd.CtlAsync("put", "more", "1");
        var name = (await service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString()!;
        foreach (var file in Directory.GetFiles(service.BackupDirectory, $"{name}*", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        Assert.Equal(2, await Restore.RevisionAsync(await service.DownloadAsync()));
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32() == 2, "it is taken again");
        Assert.Equal(3, await Restore.RevisionAsync(await service.DownloadAsync()));
    }

    // A document that is lost or damaged tells nothing of an object that somebody emptied.
    [Theory]
    [InlineData(null)]
    [InlineData("{")]
    [InlineData("""{ "format": 99 }""")]
    public async Task What_nothing_tells_of_is_read_before_it_is_served_or_counted(string? document)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        var names = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            await etcd.PutAsync($"/{i}", 5);
            names.Add((await service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString()!);
        }

        await etcd.KillAsync(0);
        var file = Directory.GetFiles(service.BackupDirectory, names[1], SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(file, []);
        File.Delete(file + ".json");
        if (document is not null)
        {
            await File.WriteAllTextAsync(file + ".json", document);
        }

        using var deleted = await service.Client.DeleteAsync($"/v1/clusters/default/example/backups/{names[0]}");
        Assert.Equal(HttpStatusCode.Conflict, deleted.StatusCode);
        Assert.Equal(6, await Restore.RevisionAsync(await service.DownloadAsync()));
    }

    [Fact]
    public async Task A_compressed_backup_that_rotted_is_not_served_once_it_was_asked_for()
    {
        await using var etcd = await EtcdServers.StartAsync();
        var cluster = ServiceProcess.Cluster("example", etcd.Endpoints);
        cluster["backup"]!["compression"] = "Zstd";
        await using var service = await new ServiceProcess().With(cluster).StartAsync();
        await etcd.PutAsync("/a", 5);
        await service.JsonAsync("/v1/backupnow");
        await etcd.PutAsync("/b", 5);
        var name = (await service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString()!;
        await etcd.KillAsync(0);
        var file = Directory.GetFiles(service.BackupDirectory, name, SearchOption.AllDirectories).Single();
        var (bytes, written) = (await File.ReadAllBytesAsync(file), File.GetLastWriteTimeUtc(file));
        bytes.AsSpan(20, 50).Fill(0x55);
        await File.WriteAllBytesAsync(file, bytes);
        File.SetLastWriteTimeUtc(file, written);

        Assert.Equal(6, await Restore.RevisionAsync(await service.DownloadAsync()));
        Assert.Contains(name, (await service.JsonAsync("/v1/status")).GetProperty("damaged").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_key_opens_any_more_is_not_unchanged()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        var cluster = ServiceProcess.Cluster("example", etcd.Endpoints);
        cluster["backup"]!["encryption"] = "Age";
        await using var service = new ServiceProcess().With(cluster);
        await ChildProcess.RunAsync("age-keygen", "-o", service["keys.txt"]);
        service.Config["Backups"]!["AgeKeyFile"] = service["keys.txt"];
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        File.Delete(service["keys.txt"]);
        await ChildProcess.RunAsync("age-keygen", "-o", service["keys.txt"]);
        await AssertTakenAsync();

        // Nor is what should be encrypted, and is not.
        cluster["backup"]!["encryption"] = "None";
        await RestartAsync();
        await etcd.PutAsync("/b", 1);
        await AssertTakenAsync();
        cluster["backup"]!["encryption"] = "Age";
        await RestartAsync();
        await Workspace.UntilAsync(
            async () =>
            {
                // The first may come before the new spec is in force.
                await AssertTakenAsync();
                var name = (await service.JsonAsync("/v1/status")).GetProperty("recentBackup").GetProperty("name").GetString()!;
                return name.EndsWith(".age", StringComparison.Ordinal);
            },
            "it is encrypted");

        async Task RestartAsync()
        {
            await service.KillAsync();
            await service.StartAsync();
        }

        async Task AssertTakenAsync()
        {
            // By this call, or by the schedule right before it.
            await service.JsonAsync("/v1/backupnow");
            Assert.Equal(await etcd.RevisionAsync(), await Restore.RevisionAsync(await service.DownloadAsync()));
        }
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

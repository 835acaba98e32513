using System.Text;
using EtcdBackup.ChangeLog;
using EtcdBackup.Snapshots;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>The change log in each kind of store, and on more than one silo.</summary>
public sealed class ChangeLogStoreTests(ObjectStores servers)
{
    [Theory]
    [InlineData("S3", "Age")]
    [InlineData("ABS", "None")]
    [InlineData("PersistentVolume", "Age")]
    public async Task It_is_stored_and_encrypted_as_the_backups_are(string type, string encryption)
    {
        await using var etcd = await EtcdServers.StartAsync();
        var service = await NewStore.ServiceAsync(servers, etcd, type, "Zstd", encryption, start: false);
        await using var cluster = await LoggedCluster.StartAsync(etcd, service);
        var first = await etcd.RevisionAsync();
        await etcd.CtlAsync("put", "/secret", "planted-in-the-log");
        await etcd.PutAsync("/a", 20);
        await cluster.UntilRecordedAsync();
        Assert.Equal([(first, first + 21)], await cluster.WindowsAsync());
        await cluster.AssertIsLiveAsync(await cluster.AtAsync(first + 10), first + 10);
        if (type != "PersistentVolume")
        {
            return;
        }

        // It opens without the service.
        var segment = Directory.GetFiles(service.BackupDirectory, "*.log.zst.age", SearchOption.AllDirectories).Order().First();
        Assert.DoesNotContain("planted", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(segment)), StringComparison.Ordinal);
        await ChildProcess.RunAsync("age", "-d", "-i", service["keys.txt"], "-o", service["segment.zst"], segment);
        await ChildProcess.RunAsync("zstd", "-q", "-d", service["segment.zst"], "-o", service["segment"]);
        Assert.Contains(
            "planted-in-the-log", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(service["segment"])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_store_is_away_nothing_is_lost()
    {
        await using var etcd = await EtcdServers.StartAsync();
        using var proxy = new FaultProxy((await servers.S3).Endpoint);
        var service = await NewStore.ServiceAsync(
            servers, etcd, "S3", change: backup => backup["s3"]!["endpoint"] = proxy.Url, start: false);
        await using var cluster = await LoggedCluster.StartAsync(etcd, service);
        var first = await etcd.RevisionAsync();
        proxy.OnServerBytes = (_, _, _) => throw new IOException("away");
        await etcd.PutAsync("/a", 50);
        await Workspace.UntilAsync(
            () => Task.FromResult(service.Output.Contains("its changes cannot be stored", StringComparison.Ordinal)), "it is told");
        await etcd.PutAsync("/b", 50);
        proxy.OnServerBytes = (_, _, _) => Task.CompletedTask;
        await cluster.UntilRecordedAsync();
        Assert.Equal([(first, first + 100)], await cluster.WindowsAsync());
        await cluster.AssertIsLiveAsync(await cluster.AtAsync(first + 75), first + 75);
    }

    [Fact]
    public async Task What_came_while_the_store_was_away_outlives_a_compaction_and_a_kill()
    {
        await using var etcd = await EtcdServers.StartAsync();
        using var proxy = new FaultProxy((await servers.S3).Endpoint);
        var service = await NewStore.ServiceAsync(
            servers, etcd, "S3", "Zstd", "Age", backup => backup["s3"]!["endpoint"] = proxy.Url, start: false);
        await using var cluster = await LoggedCluster.StartAsync(etcd, service);
        var first = await etcd.RevisionAsync();
        await etcd.CtlAsync("put", "/before", "1");
        await cluster.UntilRecordedAsync();
        proxy.OnServerBytes = (_, _, _) => throw new IOException("away");
        await etcd.CtlAsync("put", "/secret", "planted-in-the-log");
        await etcd.PutAsync("/a", 48);
        await UntilOnDiskAsync(first + 50);
        await etcd.PutAsync("/b", 50);
        await UntilOnDiskAsync(first + 100);
        Assert.All(Spooled(), f => Assert.EndsWith(".log.zst.age", f, StringComparison.Ordinal));
        var live = await etcd.HashKvAsync(first + 75);
        await etcd.CtlAsync("compaction", $"{first + 100}");

        await service.KillAsync();
        proxy.OnServerBytes = (_, _, _) => Task.CompletedTask;
        await service.StartAsync();
        await cluster.UntilRecordedAsync();
        Assert.Equal([(first, first + 100)], await cluster.WindowsAsync());
        Assert.Equal(live, SnapshotInspector.InspectContent(await cluster.AtAsync(first + 75), 0).Content!.HashKv);
        Assert.Empty(Spooled());

        string[] Spooled() => Directory.GetFiles(service["data"], "*_*.log.*", SearchOption.AllDirectories);

        Task UntilOnDiskAsync(long revision) => Workspace.UntilAsync(
            () => Task.FromResult(Spooled().Any(f => Path.GetFileName(f).Contains($"_{revision:x16}_", StringComparison.Ordinal))),
            $"revision {revision} is on the disk");
    }

    [Fact]
    public async Task A_store_that_could_not_be_listed_once_is_not_told_for_ever()
    {
        await using var etcd = await EtcdServers.StartAsync();
        using var proxy = new FaultProxy((await servers.S3).Endpoint);
        var service = await NewStore.ServiceAsync(
            servers, etcd, "S3", change: backup => backup["s3"]!["endpoint"] = proxy.Url, start: false);
        await using var cluster = await LoggedCluster.StartAsync(etcd, service);
        proxy.OnClientBytes = (piece, _, _) => Encoding.ASCII.GetString(piece.Span) is var text && text.Contains("list-type=2") &&
            text.Contains("%2Flog%2F") ? throw new IOException("away") : Task.CompletedTask;
        await etcd.PutAsync("/a", 5);
        await service.JsonAsync("/v1/backupnow");
        await Workspace.UntilAsync(
            () => Task.FromResult(service.Output.Contains("its change log waits", StringComparison.Ordinal)), "it is told");
        proxy.OnClientBytes = (_, _, _) => Task.CompletedTask;
        await etcd.PutAsync("/b", 5);
        await service.JsonAsync("/v1/backupnow");
        await cluster.UntilRecordedAsync();
    }

    [Fact]
    public async Task What_another_silo_ended_is_not_gone_on_with()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        await etcd.PutAsync("/a", 5);
        await cluster.UntilRecordedAsync();
        var first = Anchors().First();
        var end = AnchorName.EndOf(first.Stream, first.Revision + 1000);
        await File.WriteAllTextAsync(Path.Combine(Folder(), end.ToString()), "{}");
        await Workspace.UntilAsync(
            () => Task.FromResult(Anchors().Any(a => a.Kind == AnchorKind.Base && a.Stream != first.Stream)), "a new stream begins");
        await etcd.PutAsync("/b", 5);
        await cluster.UntilRecordedAsync();
        Assert.Equal(await etcd.RevisionAsync(), (await cluster.WindowsAsync())[0].To);

        string Folder() => Directory.GetDirectories(cluster.Service.BackupDirectory, "log", SearchOption.AllDirectories).Single();

        IEnumerable<AnchorName> Anchors() => Directory.GetFiles(Folder())
            .Select(f => AnchorName.TryParse(Path.GetFileName(f), out var anchor) ? anchor : (AnchorName?)null).OfType<AnchorName>();
    }

    [Fact]
    public async Task When_a_silo_dies_the_other_goes_on_with_its_log()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var silos = new SiloCluster(
            2, "Redis", redis.ConnectionString, LoggedCluster.Record(ServiceProcess.Cluster("example", etcd.Endpoints)).AsObject());
        await silos.StartAsync();

        // The log begins with the first backup; what is written before that is only in a later one.
        await new LoggedCluster(etcd, silos.Silos[0]).UntilRecordedAsync();
        for (var round = 0; round < 2; round++)
        {
            var status = await silos.Silos[0].JsonAsync("/v1/status");
            await etcd.PutAsync($"/r{round}", 20);
            var any = new LoggedCluster(etcd, silos.Silos[0]);
            await any.UntilRecordedAsync();
            var silo = status.GetProperty("silo").GetString()!;
            var serves = silos.Silos.First(s => silo.Contains($":{s.SiloPorts[0]}:", StringComparison.Ordinal));
            await serves.KillAsync();
            await etcd.PutAsync($"/dead{round}", 20);
            var left = new LoggedCluster(etcd, silos.Silos.First(s => s != serves));
            await left.UntilRecordedAsync();
            var last = await etcd.RevisionAsync();
            Assert.Equal(last, Assert.Single(await left.WindowsAsync()).To);
            await left.AssertIsLiveAsync(await left.AtAsync(last - 30), last - 30);
            await serves.StartAsync();
        }
    }
}

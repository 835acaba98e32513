using System.Net;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>With a change log every revision comes back, on real etcd.</summary>
public class ChangeLogTests
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("forky")]
    public async Task Every_revision_comes_back_as_the_member_had_it(string suite)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.PutAsync("/a", 10);
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        var first = await etcd.RevisionAsync();
        await WriteAllKindsAsync(etcd);
        var (middle, then) = (await etcd.RevisionAsync(), await etcd.DumpAsync());
        await etcd.CtlAsync("put", "/a/1", "overwritten");
        await etcd.CtlAsync("del", "", "--from-key=true");
        await cluster.UntilRecordedAsync();

        var last = await etcd.RevisionAsync();
        Assert.Equal([(first, last)], await cluster.WindowsAsync());
        for (var revision = first; revision <= last; revision++)
        {
            await cluster.AssertIsLiveAsync(await cluster.AtAsync(revision), revision);
        }

        Assert.Equal(then, await Restore.DumpAsync(await cluster.AtAsync(middle), suite));
        using var made = await cluster.Service.GetAsync($"/v1/backup?etcdVersion={await cluster.VersionAsync()}&etcdRevision={middle}");
        Assert.Equal(["true"], made.Headers.GetValues("X-Backup-Made"));
        Assert.Equal($"{middle}", Assert.Single(made.Headers.GetValues("X-Revision")));
    }

    [Fact]
    public async Task The_moment_before_a_mistake_comes_back()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        await etcd.PutAsync("/good", 20);
        await cluster.UntilRecordedAsync();
        var (good, before) = (await etcd.DumpAsync(), DateTimeOffset.UtcNow);
        await Task.Delay(1200);
        await etcd.CtlAsync("del", "", "--from-key=true");
        await cluster.UntilRecordedAsync();

        var file = await cluster.Service.DownloadAsync($"/v1/backup?time={before:yyyy-MM-ddTHH:mm:ss.fff}Z");
        Assert.Equal(good, await Restore.DumpAsync(file, "forky"));
        using var early = await cluster.Service.GetAsync("/v1/backup?time=2020-01-01T00:00:00Z");
        Assert.Equal(HttpStatusCode.NotFound, early.StatusCode);
        Assert.Contains("changes are recorded from", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var both = await cluster.Service.GetAsync("/v1/backup?etcdVersion=3.5.30&etcdRevision=2&time=2020-01-01T00:00:00Z");
        Assert.Equal(HttpStatusCode.BadRequest, both.StatusCode);
    }

    [Fact]
    public async Task What_is_written_while_the_service_is_away_is_recorded_when_it_is_back_and_a_backup_proves_it()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        var first = await etcd.RevisionAsync();
        for (var round = 0; round < 3; round++)
        {
            await etcd.PutAsync($"/r{round}", 20);
            await cluster.Service.KillAsync();
            await etcd.PutAsync($"/away{round}", 20);
            await cluster.Service.StartAsync();
        }

        await cluster.UntilRecordedAsync();
        Assert.Equal([(first, await etcd.RevisionAsync())], await cluster.WindowsAsync());
        await cluster.AssertIsLiveAsync(await cluster.AtAsync(first + 30), first + 30);
        await cluster.Service.JsonAsync("/v1/backupnow");
        await Workspace.UntilAsync(
            () => Task.FromResult(cluster.Service.Output.Contains(" give what ", StringComparison.Ordinal)), "the log is proven");
    }

    [Fact]
    public async Task Changes_that_were_compacted_away_are_a_hole_that_is_told()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        await etcd.PutAsync("/a", 10);
        await cluster.UntilRecordedAsync();
        var before = await etcd.RevisionAsync();
        await cluster.Service.KillAsync();
        await etcd.PutAsync("/lost", 10);
        var lost = await etcd.RevisionAsync();
        await etcd.PutAsync("/b", 10);
        await etcd.CtlAsync("compact", $"{lost + 5}");
        await cluster.Service.StartAsync();
        await Workspace.UntilAsync(
            async () => (await cluster.WindowsAsync()).Length == 2 &&
                cluster.Service.Output.Contains("was compacted away before it was recorded", StringComparison.Ordinal), "the hole is told");
        await etcd.PutAsync("/c", 10);
        await cluster.UntilRecordedAsync();

        var windows = await cluster.WindowsAsync();
        Assert.Equal(before, windows[1].To);
        using var missing = await cluster.Service.GetAsync($"/v1/backup?etcdVersion={await cluster.VersionAsync()}&etcdRevision={lost}");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains(
            $"the nearest are {before} below and {windows[0].From} above", await missing.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        await cluster.AssertIsLiveAsync(await cluster.AtAsync(windows[0].To), windows[0].To);
    }

    [Fact]
    public async Task Both_histories_of_a_cluster_that_was_restored_in_place_come_back()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        var old = await cluster.Service.DownloadAsync();
        await etcd.PutAsync("/first", 20);
        await cluster.UntilRecordedAsync();
        var (revision, first) = (await etcd.RevisionAsync(), await etcd.DumpAsync());
        var wasBefore = await cluster.AtAsync(revision);
        await etcd.RestoreInPlaceAsync(old);
        await etcd.PutAsync("/second", 30);
        await cluster.Service.JsonAsync("/v1/backupnow");
        await cluster.UntilRecordedAsync();

        Assert.Equal(2, (await cluster.WindowsAsync()).Length);
        Assert.Equal(first, await Restore.DumpAsync(wasBefore, "forky"));
        Assert.Equal(first, await Restore.DumpAsync(await cluster.AtAsync(revision), "forky"));
        var now = await etcd.RevisionAsync();
        await cluster.AssertIsLiveAsync(await cluster.AtAsync(now), now);
    }

    [Fact]
    public async Task A_log_that_does_not_give_what_a_backup_holds_is_told_and_makes_nothing()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        var first = await etcd.RevisionAsync();
        await etcd.PutAsync("/a", 10);
        await cluster.UntilRecordedAsync();
        await cluster.Service.JsonAsync("/v1/backupnow");
        await Workspace.UntilAsync(
            () => Task.FromResult(cluster.Service.Output.Contains(" give what ", StringComparison.Ordinal)), "the log is proven");
        var proven = await etcd.RevisionAsync();
        await etcd.PutAsync("/b", 10);
        await cluster.UntilRecordedAsync();
        Damage(Directory.GetFiles(cluster.Service.BackupDirectory, "*.log.zst", SearchOption.AllDirectories).Order().Last());
        await cluster.Service.JsonAsync("/v1/backupnow");
        await Workspace.UntilAsync(
            () => Task.FromResult(cluster.Service.Output.Contains("do not give what", StringComparison.Ordinal)), "it is told");
        await cluster.UntilRecordedAsync();

        // Nothing is lost of what was proven, and nothing is made of what was not.
        var windows = await cluster.WindowsAsync();
        Assert.Equal((first, proven), windows[^1]);
        Assert.Equal(proven + 10, windows[0].From);
        await cluster.AssertIsLiveAsync(await cluster.AtAsync(first + 5), first + 5);
    }

    // The oldest backup of all, which the other rules would keep no more either, is not one that the log goes on from.
    [Fact]
    public async Task A_log_that_is_switched_on_later_keeps_the_backup_that_it_goes_on_from()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints, maxBackups: 2));
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        await etcd.CtlAsync("put", "/b", "1");
        await service.JsonAsync("/v1/backupnow");
        var first = await etcd.RevisionAsync();
        LoggedCluster.Record(service.Config["Clusters"]![0]!);
        service.WriteConfig();
        var cluster = new LoggedCluster(etcd, service);
        for (var round = 0; round < 5; round++)
        {
            await etcd.CtlAsync("put", "/c", $"{round}");
            await cluster.UntilRecordedAsync();
            await service.JsonAsync("/v1/backupnow");
            var proofs = round + 1;
            await Workspace.UntilAsync(
                () => Task.FromResult(service.Output.Split(" give what ").Length > proofs), "the log is proven");
        }

        Assert.Equal((first, first + 5), (await cluster.WindowsAsync())[0]);
    }

    private static void Damage(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 0x40;
        File.WriteAllBytes(file, bytes);
    }

    private static async Task WriteAllKindsAsync(EtcdServers etcd)
    {
        await etcd.PutAsync("/b", 10);
        var lease = (await etcd.CtlAsync("lease", "grant", "600")).Split(' ')[1];
        await etcd.CtlAsync("put", "/leased", "1", $"--lease={lease}");
        var gone = (await etcd.CtlAsync("lease", "grant", "600")).Split(' ')[1];
        await etcd.CtlAsync("put", "/gone", "1", $"--lease={gone}");
        await etcd.CtlAsync("lease", "revoke", gone);
        await etcd.CtlAsync("del", "/b/1", "/b/5");
        await etcd.CtlAsync("put", "/empty", "");
        await etcd.PutManyAsync("/many", 40);
    }
}

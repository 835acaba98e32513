using System.Net;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>A cluster that is restored in place: its log never mixes what was before with what came after.</summary>
public class ChangeLogHistoryTests
{
    // Only raft tells: the last revision that was recorded is the same in both histories.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_same_last_write_in_both_histories_deceives_nobody(bool isAway)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        var backup = await cluster.Service.DownloadAsync();
        await etcd.CtlAsync("put", "config", "OLD");
        await etcd.CtlAsync("put", "beat", "x");
        await cluster.UntilRecordedAsync();
        var (last, old) = (await etcd.RevisionAsync(), await etcd.DumpAsync());
        if (isAway)
        {
            await cluster.Service.KillAsync();
        }

        await etcd.RestoreInPlaceAsync(backup);
        await etcd.CtlAsync("put", "config", "NEW");
        await etcd.CtlAsync("put", "beat", "x");
        await etcd.CtlAsync("put", "more", "1");
        if (isAway)
        {
            await cluster.Service.StartAsync();
        }

        await Workspace.UntilAsync(
            () => Task.FromResult(cluster.Service.Output.Contains("its change log breaks", StringComparison.Ordinal)), "it is told");
        await cluster.UntilRecordedAsync();
        await etcd.CtlAsync("put", "more", "2");
        await cluster.UntilRecordedAsync();
        var windows = await cluster.WindowsAsync();
        Assert.Equal(last, windows[1].To);
        var now = await etcd.RevisionAsync();
        for (var revision = windows[0].From; revision <= now; revision++)
        {
            await cluster.AssertIsLiveAsync(await cluster.AtAsync(revision), revision);
        }

        var made = await Restore.DumpAsync(await cluster.AtAsync(now), "forky");
        Assert.Equal(await etcd.DumpAsync(), made);
        Assert.NotEqual(old, made);
    }

    [Fact]
    public async Task A_moment_before_the_restore_leads_to_what_was_then_though_its_revision_came_again()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        var backup = await cluster.Service.DownloadAsync();
        await etcd.PutAsync("/before", 10);
        await cluster.UntilRecordedAsync();
        var (then, was) = (DateTimeOffset.UtcNow, await etcd.DumpAsync());
        await Task.Delay(1500);
        await cluster.UntilRecordedAsync();
        await etcd.PutAsync("/then", 1);
        await cluster.UntilRecordedAsync();
        await etcd.RestoreInPlaceAsync(backup);
        await etcd.PutAsync("/after", 20);
        await cluster.Service.JsonAsync("/v1/backupnow");
        await cluster.UntilRecordedAsync();
        var file = await cluster.Service.DownloadAsync($"/v1/backup?time={then:yyyy-MM-ddTHH:mm:ss.fff}Z");
        Assert.Equal(was, await Restore.DumpAsync(file, "forky"));
    }

    [Fact]
    public async Task A_moment_while_nobody_recorded_is_not_known_and_its_revisions_are()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var cluster = await LoggedCluster.StartAsync(etcd);
        await etcd.PutAsync("/a", 5);
        await cluster.UntilRecordedAsync();
        await cluster.Service.KillAsync();
        await Task.Delay(1200);
        await etcd.PutAsync("/away", 5);
        var (away, revision) = (DateTimeOffset.UtcNow, await etcd.RevisionAsync());
        await Task.Delay(1200);
        await etcd.PutAsync("/late", 5);
        await cluster.Service.StartAsync();
        await cluster.UntilRecordedAsync();
        using var unknown = await cluster.Service.GetAsync($"/v1/backup?time={away:yyyy-MM-ddTHH:mm:ss.fff}Z");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains(
            "while nobody recorded, only revisions are known", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await cluster.AssertIsLiveAsync(await cluster.AtAsync(revision), revision);
    }
}

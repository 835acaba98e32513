using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>docs/restore.md, step by step.</summary>
public class RunbookTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_restore_with_bumped_revision_brings_back_every_key_above_all_that_was_seen(int members)
    {
        await using var etcd = await EtcdServers.StartAsync(members: members);
        await etcd.PutAsync("/a", 50, 100);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        var keys = await etcd.CtlAsync("get", "", "--from-key");
        var file = await service.DownloadAsync("/v1/clusters/default/example/backup");
        await etcd.PutAsync("/lost", 30);
        var seen = await etcd.RevisionAsync();

        await etcd.RestoreInPlaceAsync(file, "--bump-revision", "1000000000", "--mark-compacted");
        Assert.Equal(keys, await etcd.CtlAsync("get", "", "--from-key"));
        Assert.True(await etcd.RevisionAsync() > seen);
        for (var i = 0; i < members; i++)
        {
            Assert.Equal(await etcd.RevisionAsync(), await etcd.RevisionAsync(i));
        }

        var after = await service.JsonAsync("/v1/backupnow");
        Assert.Equal(await etcd.RevisionAsync(), after.GetProperty("revision").GetInt64());
        Assert.Equal(keys, await KeysOfAsync(await service.DownloadAsync()));
    }

    [Fact]
    public async Task The_restore_check_tells_a_good_backup_from_a_wrong_one()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 40, 200);
        await etcd.CtlAsync("del", "/a/3");
        await using var other = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        var script = Path.Combine(Workspace.Root, "scripts/restore-check");
        var url = service.Client.BaseAddress!.ToString().TrimEnd('/');
        var said = await ChildProcess.RunAsync(script, url, etcd.Endpoints[0], "default/example");
        Assert.Contains("the same keys, values and revisions", said, StringComparison.Ordinal);
        Assert.Contains("(39 keys)", said, StringComparison.Ordinal);
        var e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ChildProcess.RunAsync(script, url, other.Endpoints[0], "default/example"));
        Assert.Contains("DIFFERS", e.Message, StringComparison.Ordinal);
    }

    private static async Task<string> KeysOfAsync(string file)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.RestoreInPlaceAsync(file);
        return await etcd.CtlAsync("get", "", "--from-key");
    }
}

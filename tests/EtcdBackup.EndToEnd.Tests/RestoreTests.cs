using System.Text;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class RestoreTests
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("forky")]
    public async Task The_served_file_restores_to_the_same_keys_and_revisions(string suite)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.PutAsync("/a", 300, 200);
        await etcd.PutAsync("/a", 20, 300, seed: 2);
        await etcd.CtlAsync("del", "/a/7");
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();

        var status = await service.JsonAsync("/v1/backupnow");
        var file = await service.DownloadAsync();
        Assert.Equal(await etcd.RevisionAsync(), await Restore.RevisionAsync(file));
        Assert.Equal(await etcd.RevisionAsync(), status.GetProperty("revision").GetInt64());
        Assert.Equal(await etcd.DumpAsync(), await Restore.DumpAsync(file, suite));
    }

    [Fact]
    public async Task After_a_restore_in_place_to_an_older_revision_the_newest_backup_is_the_latest_and_the_old_ones_stay()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 10);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        var old = await service.DownloadAsync();
        await etcd.PutAsync("/b", 40);
        await service.JsonAsync("/v1/backupnow");
        var high = await etcd.RevisionAsync();

        await etcd.RestoreInPlaceAsync(old);
        await etcd.PutAsync("/c", 5);
        var restored = await service.JsonAsync("/v1/backupnow");
        Assert.True(restored.GetProperty("revision").GetInt64() < high);
        Assert.Equal(await etcd.DumpAsync(), await Restore.DumpAsync(await service.DownloadAsync(), "forky"));
        Assert.Equal(3, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
        using var fetched = await service.GetAsync(
            $"/v1/backup?etcdVersion={restored.GetProperty("version").GetString()}&etcdRevision={high}");
        Assert.Equal(high.ToString(), Assert.Single(fetched.Headers.GetValues("X-Revision")));
    }

    // Contract 4.3: same token and peer URLs, as many writes as were lost: cluster id, member id and revision are equal to before.
    [Fact]
    public async Task The_same_revision_with_other_content_is_not_taken_for_unchanged()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 10);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        var old = await service.DownloadAsync();
        await etcd.PutAsync("/before", 40);
        await service.JsonAsync("/v1/backupnow");
        var revision = await etcd.RevisionAsync();

        await etcd.RestoreInPlaceAsync(old);
        await etcd.PutAsync("/after", 40);
        Assert.Equal(revision, await etcd.RevisionAsync());
        using var answer = await service.GetAsync("/v1/backupnow");
        Assert.False(answer.Headers.Contains("X-Backup-Skipped"));
        Assert.Equal(await etcd.DumpAsync(),
            await Restore.DumpAsync(await service.DownloadAsync($"/v1/backup?etcdVersion=3.5.30&etcdRevision={revision}"), "forky"));
        Assert.Equal(3, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
    }

    [Fact]
    public async Task A_recreated_cluster_is_backed_up_though_its_revision_is_lower()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 50);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        await etcd.RecreateAsync();
        await etcd.PutAsync("/b", 3);
        Assert.Equal(4, (await service.JsonAsync("/v1/backupnow")).GetProperty("revision").GetInt64());
        Assert.Equal(await etcd.DumpAsync(), await Restore.DumpAsync(await service.DownloadAsync(), "forky"));
    }

    // The same token and addresses, the same keys as often: id, revision, term and index are those of before. Values are not.
    [Theory]
    [InlineData("bookworm", "None", 0)]
    [InlineData("forky", "None", 0)]
    [InlineData("forky", "Age", 0)]
    [InlineData("forky", "None", 7)]
    public async Task A_cluster_made_anew_that_stands_where_the_old_one_stood_or_beyond_is_another(
        string suite, string encryption, int further)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.PutAsync("/a", 50);
        var cluster = ServiceProcess.Cluster("example", etcd.Endpoints);
        cluster["backup"]!["encryption"] = encryption;
        await using var service = new ServiceProcess().With(cluster);
        await ChildProcess.RunAsync("age-keygen", "-o", service["keys.txt"]);
        service.Config["Backups"]!["AgeKeyFile"] = service["keys.txt"];
        await service.StartAsync();
        var first = (await service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString();
        await etcd.RecreateAsync(keepsToken: true);
        await etcd.PutAsync("/a", 50 + further, seed: 2);

        using var answer = await service.GetAsync("/v1/backupnow");
        Assert.False(answer.Headers.Contains("X-Backup-Skipped"));
        Assert.Equal(await etcd.DumpAsync(), await Restore.DumpAsync(await service.DownloadAsync(), "forky"));
        var listed = (await service.JsonAsync("/v1/clusters/default/example/backups")).GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal([2, 1], listed.Select(b => b.GetProperty("metadata").GetProperty("lineage").GetProperty("incarnation").GetInt32()));
        Assert.Equal(first, listed[1].GetProperty("name").GetString());

        // What is encrypted is so beside the backup too.
        var key = Convert.ToBase64String(Encoding.UTF8.GetBytes($"/a/{49 + further}"));
        Assert.Equal(encryption == "None", listed[0].GetProperty("metadata").ToString().Contains(key, StringComparison.Ordinal));

        // And it is the same again.
        using var again = await service.GetAsync("/v1/backupnow");
        Assert.Equal("unchanged", Assert.Single(again.Headers.GetValues("X-Backup-Skipped")));
    }

    // The snapshot holds all keys, and the proxy shows those of its namespace: the last put of the one is not in the other.
    [Fact]
    public async Task Behind_a_proxy_that_shows_but_a_part_nothing_counts_as_another_history()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/other", 5);
        var proxy = $"127.0.0.1:{Workspace.FreePorts(1)[0]}";
        await using var process = ChildProcess.Start(Workspace.EtcdTool("bookworm", "etcd"), [
            "grpc-proxy", "start", $"--endpoints={etcd.Endpoints[0]}", $"--listen-addr={proxy}", "--namespace=/ns/"]);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", [$"http://{proxy}"])).StartAsync();
        await Workspace.UntilAsync(
            async () => (await service.GetAsync("/v1/backupnow")).IsSuccessStatusCode, "the proxy answers, and a backup is taken");
        using var again = await service.GetAsync("/v1/backupnow");
        Assert.Equal("unchanged", Assert.Single(again.Headers.GetValues("X-Backup-Skipped")));
        await etcd.PutAsync("/other", 1);
        var taken = (await service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString()!;
        Assert.Equal("3.5.30_0000000000000007_etcd.backup", taken);
    }
}

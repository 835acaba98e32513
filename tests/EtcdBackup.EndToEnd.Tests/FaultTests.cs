using System.Net;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class FaultTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task With_one_member_down_the_others_give_the_backup()
    {
        await using var etcd = await EtcdServers.StartAsync(members: 3);
        await etcd.PutAsync("/a", 10);
        await etcd.KillAsync(await etcd.LeaderAsync() == 0 ? 1 : 0);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        Assert.Equal(11, (await service.JsonAsync("/v1/backupnow")).GetProperty("revision").GetInt64());
    }

    [Theory]
    [InlineData("leader")]
    [InlineData("serving member")]
    public async Task A_member_killed_in_the_middle_of_the_snapshot_does_not_stop_the_backup(string victim)
    {
        await using var etcd = await EtcdServers.StartAsync(members: 3);
        await etcd.PutAsync("/a", 24, MiB);
        var proxies = etcd.Endpoints.Select(e => new FaultProxy(e)).ToArray();
        var leader = await etcd.LeaderAsync();
        var killed = 0;
        for (var i = 0; i < proxies.Length; i++)
        {
            var index = i;
            proxies[i].OnServerBytes = async (_, total, _) =>
            {
                if (total > 8 * MiB && Interlocked.Exchange(ref killed, 1) == 0)
                {
                    await etcd.KillAsync(victim == "leader" ? leader : index);
                }
            };
        }

        await using (var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", proxies.Select(p => p.Url)))
            .StartAsync())
        {
            await service.JsonAsync("/v1/backupnow");
            Assert.Equal(1, killed);
            Assert.Equal(25, await Restore.RevisionAsync(await service.DownloadAsync()));
            Assert.Single(Directory.GetFiles(service.BackupDirectory, "*_etcd.backup", SearchOption.AllDirectories));
            Assert.Empty(Directory.GetFiles(Path.Combine(service.BackupDirectory, ".scratch")));
        }

        foreach (var proxy in proxies)
        {
            proxy.Dispose();
        }
    }

    [Fact]
    public async Task A_silent_member_is_given_up_and_a_slow_one_is_not()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 6, MiB);
        using var proxy = new FaultProxy(etcd.Endpoints[0]);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", [proxy.Url]));
        service.Config["Backups"]!["SilenceTimeoutInSecond"] = 1;
        proxy.OnServerBytes = (_, total, stop) => total > 2 * MiB ? Task.Delay(Timeout.Infinite, stop) : Task.CompletedTask;
        await service.StartAsync();
        using var silent = await service.GetAsync("/v1/backupnow");
        Assert.Equal(HttpStatusCode.BadGateway, silent.StatusCode);
        Assert.Contains("sent nothing for 1 s", await silent.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());

        // 6 MiB at about 2 MiB a second: three times the limit in all, but never silent so long
        proxy.OnServerBytes = (piece, _, stop) => Task.Delay(piece.Length / 2000, stop);
        await service.JsonAsync("/v1/backupnow");
        Assert.Equal(7, await Restore.RevisionAsync(await service.DownloadAsync()));
    }

    [Fact]
    public async Task A_byte_damaged_on_the_way_is_never_a_backup()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 4, MiB);
        using var proxy = new FaultProxy(etcd.Endpoints[0]);
        var damaged = 0;
        proxy.OnServerBytes = (piece, total, _) =>
        {
            // deep inside a value; a frame header would break the stream instead
            if (total > 2 * MiB && piece.Length > 9000)
            {
                piece.Span[piece.Length / 2] ^= 1;
                damaged++;
            }

            return Task.CompletedTask;
        };
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", [proxy.Url])).StartAsync();
        using var answer = await service.GetAsync("/v1/backupnow");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.True(damaged > 0);
        Assert.Empty(Directory.GetFiles(service.BackupDirectory, "*", SearchOption.AllDirectories));
        proxy.OnServerBytes = (_, _, _) => Task.CompletedTask;
        await service.JsonAsync("/v1/backupnow");
    }

    [Fact]
    public async Task An_unreachable_cluster_is_a_502_that_names_each_member_and_others_are_not_disturbed()
    {
        await using var etcd = await EtcdServers.StartAsync();
        var dead = Workspace.FreePorts(1)[0];
        await using var service = await new ServiceProcess().With(
            ServiceProcess.Cluster("dead", [$"http://127.0.0.1:{dead}"]), ServiceProcess.Cluster("alive", etcd.Endpoints)).StartAsync();
        using var answer = await service.GetAsync("/v1/clusters/default/dead/backupnow");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains($"127.0.0.1:{dead} cannot be reached", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var none = await service.GetAsync("/v1/clusters/default/dead/backup");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        await service.JsonAsync("/v1/clusters/default/alive/backupnow");
        var failed = (await service.JsonAsync("/v1/clusters/default/dead/status")).GetProperty("lastRuns")[0];
        Assert.Equal("etcdFailed", failed.GetProperty("result").GetString());
    }

    [Fact]
    public async Task A_full_store_is_a_507_and_after_making_room_the_next_try_succeeds()
    {
        Assert.SkipUnless(Environment.UserName == "root", "mounting a small tmpfs needs root");
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 2, MiB);
        using var scratch = new ScratchDirectory();
        Directory.CreateDirectory(scratch["small"]);
        await ChildProcess.RunAsync("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", scratch["small"]);
        try
        {
            await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
            service.Config["Backups"]!["Directory"] = scratch["small"];
            await service.StartAsync();
            await service.JsonAsync("/v1/backupnow");
            await etcd.PutAsync("/b", 12, MiB);
            using var full = await service.GetAsync("/v1/backupnow");
            Assert.Equal(HttpStatusCode.InsufficientStorage, full.StatusCode);
            Assert.Single(Directory.GetFiles(scratch["small"], "*_etcd.backup", SearchOption.AllDirectories));
            Assert.Empty(Directory.GetFiles(Path.Combine(scratch["small"], ".scratch")));
            await Restore.StatusAsync(await service.DownloadAsync());
            await ChildProcess.RunAsync("mount", "-o", "remount,size=64m", scratch["small"]);
            await service.JsonAsync("/v1/backupnow");
        }
        finally
        {
            await ChildProcess.RunAsync("umount", scratch["small"]);
        }
    }

    [Fact]
    public async Task Where_there_is_no_room_what_no_rule_keeps_any_more_makes_some()
    {
        Assert.SkipUnless(Environment.UserName == "root", "mounting a small tmpfs needs root");
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 2, MiB);
        using var scratch = new ScratchDirectory();
        Directory.CreateDirectory(scratch["small"]);
        await ChildProcess.RunAsync("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", scratch["small"]);
        try
        {
            await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
            service.Config["Backups"]!["Directory"] = scratch["small"];
            await service.StartAsync();
            for (var i = 0; i < 3; i++)
            {
                await etcd.CtlAsync("put", "b", $"{i}");
                await service.JsonAsync("/v1/backupnow");
            }

            // A megabyte is left, and a backup needs more.
            var stored = Directory.GetFiles(scratch["small"], "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);
            await File.WriteAllBytesAsync(scratch["small/else"], new byte[(23 * MiB) - stored]);
            await etcd.CtlAsync("put", "b", "3");
            using var full = await service.GetAsync("/v1/backupnow");
            Assert.Equal(HttpStatusCode.InsufficientStorage, full.StatusCode);
            service.Config["Clusters"]![0]!["backup"]!["maxBackups"] = 1;
            service.WriteConfig();
            await Workspace.UntilAsync(
                async () =>
                {
                    using var answer = await service.GetAsync("/v1/backupnow");
                    return answer.IsSuccessStatusCode;
                },
                "there is room");
        }
        finally
        {
            await ChildProcess.RunAsync("umount", scratch["small"]);
        }
    }

    [Fact]
    public async Task A_big_download_does_not_grow_the_memory()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/backupnow");

        // 2 GiB of nothing, and a document that says that it is as it was: only its size matters here.
        var real = Directory.GetFiles(service.BackupDirectory, "*_etcd.backup", SearchOption.AllDirectories)[0];
        var (name, size) = ("3.5.30_00000000000fffff_etcd.backup", 2L * 1024 * MiB);
        var file = Path.Combine(Path.GetDirectoryName(real)!, name);
        await using (var big = File.Create(file))
        {
            big.SetLength(size);
        }

        var document = JsonNode.Parse(await File.ReadAllTextAsync(real + ".json"))!;
        (document["name"], document["revision"], document["size"], document["storedSize"]) = (name, 0xfffff, size, size);
        document["objectTag"] = $"{File.GetLastWriteTimeUtc(file).Ticks}-{size}";
        await File.WriteAllTextAsync(file + ".json", document.ToJsonString());

        var before = PeakMegabytes();
        using var answer = await service.Client.GetAsync(
            "/v1/backup?etcdVersion=3.5.30&etcdRevision=1048575", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[MiB];
        long total = 0;
        for (int count; (count = await body.ReadAsync(buffer)) > 0; total += count)
        {
        }

        Assert.Equal(2L * 1024 * MiB, total);
        Assert.InRange(PeakMegabytes() - before, -1, 60);

        int PeakMegabytes() =>
            int.Parse(File.ReadLines($"/proc/{service.Process.Id}/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
    }
}

using System.Net;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>A caller hangs up, or the service ends, in the middle of a backup.</summary>
public class InterruptionTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task Twenty_callers_share_one_snapshot_and_one_who_hangs_up_stops_nothing()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 8, MiB);
        using var proxy = new FaultProxy(etcd.Endpoints[0]);
        var go = new TaskCompletionSource();
        proxy.OnServerBytes = (_, total, _) => total > 4 * MiB ? go.Task : Task.CompletedTask;
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", [proxy.Url])).StartAsync();
        using var hangUp = new CancellationTokenSource();
        var impatient = service.Client.GetAsync("/v1/backupnow", hangUp.Token);
        var patient = Enumerable.Range(0, 20).Select(_ => service.JsonAsync("/v1/backupnow")).ToArray();
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).TryGetProperty("running", out var running) &&
            running.GetProperty("bytes").GetInt64() > MiB, "progress shows while it runs");
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        go.SetResult();
        var answers = await Task.WhenAll(patient);
        Assert.Single(answers.Select(a => a.GetProperty("creationTime").GetString()).Distinct());
        Assert.Single(Directory.GetFiles(service.BackupDirectory, "*_etcd.backup", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_caller_alone_who_hangs_up_still_gets_his_backup_later()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 8, MiB);
        using var proxy = new FaultProxy(etcd.Endpoints[0]);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", [proxy.Url])).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        await etcd.CtlAsync("put", "more", "1");
        var go = new TaskCompletionSource();
        proxy.OnServerBytes = (_, total, _) => total > 4 * MiB ? go.Task : Task.CompletedTask;
        using var hangUp = new CancellationTokenSource();
        var impatient = service.Client.GetAsync("/v1/backupnow", hangUp.Token);
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).TryGetProperty("running", out var running) &&
            running.GetProperty("bytes").GetInt64() > MiB, "it runs");
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        go.SetResult();
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32() == 2, "the backup is there");
    }

    [Fact]
    public async Task Killed_at_any_moment_it_never_lists_a_torn_backup_and_comes_back_by_itself()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 40, MiB);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        service.Config["Backups"]!["SweepAgeInSecond"] = 1;
        var random = new Random(7);
        for (var round = 0; round < 8; round++)
        {
            await service.StartAsync();
            await service.JsonAsync("/v1/backupnow");
            await etcd.CtlAsync("put", "round", $"{round}");
            var interrupted = service.Client.GetAsync("/v1/backupnow");
            await Task.Delay(random.Next(0, 400));
            await service.KillAsync();
            await Assert.ThrowsAnyAsync<Exception>(
                async () => throw new OperationCanceledException((await interrupted).StatusCode.ToString()));
            foreach (var file in Directory.GetFiles(service.BackupDirectory, "*_etcd.backup", SearchOption.AllDirectories))
            {
                await Restore.StatusAsync(file);
            }
        }

        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        Assert.Equal(await etcd.RevisionAsync(), await Restore.RevisionAsync(await service.DownloadAsync()));
        await Workspace.UntilAsync(
            () => Task.FromResult(Directory.GetFiles(Path.Combine(service.BackupDirectory, ".scratch")).Length == 0),
            "leftovers are swept");
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_a_backup_answers_503_and_leaves_nothing_behind()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 8, MiB);
        using var proxy = new FaultProxy(etcd.Endpoints[0]);
        proxy.OnServerBytes = (_, total, stop) => total > 4 * MiB ? Task.Delay(Timeout.Infinite, stop) : Task.CompletedTask;
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", [proxy.Url])).StartAsync();
        var caller = service.Client.GetAsync("/v1/backupnow");
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).TryGetProperty("running", out var running) &&
            running.GetProperty("bytes").GetInt64() > MiB, "it runs");
        service.Process.Signal("TERM");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await caller).StatusCode);
        await service.Process.WaitForExitAsync();
        Assert.Equal(0, service.Process.ExitCode);
        Assert.Empty(Directory.GetFiles(service.BackupDirectory, "*", SearchOption.AllDirectories));
    }
}

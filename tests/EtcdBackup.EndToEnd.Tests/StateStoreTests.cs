using System.Net;
using EtcdBackup.Testing;
using Microsoft.Data.Sqlite;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>A state store that hangs holds up nobody.</summary>
public class StateStoreTests
{
    // Far more than any of it takes, and less than the half minute for which SQLite's driver would hold the thread that calls it.
    private static readonly TimeSpan WhileItIsLocked = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task While_the_state_is_locked_backups_go_on_status_answers_and_it_is_not_ready()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(
            ServiceProcess.Cluster("example", etcd.Endpoints), ServiceProcess.Cluster("other", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/clusters/default/example/backupnow");
        await service.JsonAsync("/v1/clusters/default/other/backupnow");
        await etcd.CtlAsync("put", "more", "1");

        await using (await LockedAsync(service))
        {
            var backups = new[] { AskAsync(service, "example/backupnow"), AskAsync(service, "other/backupnow") };
            Assert.Equal(HttpStatusCode.OK, await AskAsync(service, "example/status"));
            Assert.All(await Task.WhenAll(backups), code => Assert.Equal(HttpStatusCode.OK, code));
            Assert.Equal(HttpStatusCode.OK, await AskAsync(service, "other/status"));
            await Workspace.UntilAsync(() => IsNotReadyAsync(service), "it is not ready");
        }

        await Workspace.UntilAsync(async () => (await service.GetAsync("/readyz")).StatusCode == HttpStatusCode.OK, "it is ready again");
        await etcd.CtlAsync("put", "still more", "1");
        await service.JsonAsync("/v1/clusters/default/example/backupnow");
        var before = await RunsAsync();
        Assert.True(before.Count >= 3, string.Join(", ", before));
        await service.KillAsync();
        await service.StartAsync();
        Assert.Superset(before, await RunsAsync());

        async Task<HashSet<string>> RunsAsync() =>
            [.. (await service.JsonAsync("/v1/clusters/default/example/status")).GetProperty("lastRuns").EnumerateArray()
                .Select(r => r.GetProperty("startedAt").GetString()!)];
    }

    [Fact]
    public async Task A_start_waits_for_a_state_that_is_locked()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        await service.KillAsync();
        await using (await LockedAsync(service))
        {
            await service.StartAsync(waitReady: false);
            await UntilToldAsync("is locked by another program");
            Assert.False(service.Process.HasExited);
        }

        await UntilToldAsync("Application started");
        await service.UntilReadyAsync();
        await service.JsonAsync("/v1/backupnow");

        Task UntilToldAsync(string text) =>
            Workspace.UntilAsync(() => Task.FromResult(service.Output.Contains(text, StringComparison.Ordinal)), text);
    }

    // The client of a frozen Redis takes no heed of .NET's own limits.
    [Fact]
    public async Task A_stop_ends_and_is_told_though_the_state_store_hangs()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(1, "Redis", redis.ConnectionString, ServiceProcess.Cluster("example", etcd.Endpoints));
        var silo = cluster.Silos[0];
        silo.Config["Backups"]!["GraceInSecond"] = 0;
        await cluster.StartAsync();
        await silo.JsonAsync("/v1/backupnow");
        redis.Freeze();
        silo.Process.Signal("TERM");
        await silo.Process.WaitForExitAsync();
        Assert.Contains("something hangs: it ends now", silo.Output, StringComparison.Ordinal);
        Assert.Equal(70, silo.Process.ExitCode);
    }

    private static async Task<SqliteConnection> LockedAsync(ServiceProcess service)
    {
        // Not pooled: closed, it must let go of the lock.
        var file = Path.Combine(service.Config["DataDirectory"]!.GetValue<string>(), "state.db");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    // What it tells was found out at most some seconds ago.
    private static async Task<bool> IsNotReadyAsync(ServiceProcess service)
    {
        using var ready = await service.Client.GetAsync("/readyz").WaitAsync(WhileItIsLocked);
        return ready.StatusCode == HttpStatusCode.ServiceUnavailable &&
            (await ready.Content.ReadAsStringAsync()).Contains("the state store cannot be used", StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> AskAsync(ServiceProcess service, string path)
    {
        using var answer = await service.Client.GetAsync($"/v1/clusters/default/{path}").WaitAsync(WhileItIsLocked);
        return answer.StatusCode;
    }
}

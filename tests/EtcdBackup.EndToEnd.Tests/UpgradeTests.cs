using System.Net;
using EtcdBackup.Testing;
using Microsoft.Data.Sqlite;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Two builds side by side, and state that is not of this build.</summary>
public class UpgradeTests
{
    [Fact]
    public async Task Silos_of_two_builds_share_the_work_while_one_after_the_other_is_replaced()
    {
        using var scratch = new ScratchDirectory();
        await ChildProcess.RunAsync(
            "dotnet", "build", Path.Combine(Workspace.Root, "src/EtcdBackup.Host"), "-c", "Release", "-p:Version=9.9.0",
            "-p:RunAnalyzers=false", "-v", "quiet", "-nologo", "--artifacts-path", scratch.Path);
        var newer = scratch["bin/EtcdBackup.Host/release/EtcdBackup.Host.dll"];
        Assert.Equal("9.9.0.0", System.Reflection.AssemblyName.GetAssemblyName(newer).Version!.ToString());
        Assert.NotEqual("9.9.0.0", System.Reflection.AssemblyName.GetAssemblyName(ServiceProcess.ProgramFile).Version!.ToString());

        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(
            2, "Redis", redis.ConnectionString,
            Enumerable.Range(0, 30).Select(i => ServiceProcess.Cluster($"c{i}", etcd.Endpoints, intervalInSecond: 2)));
        await cluster.StartAsync();
        await OnScheduleAsync(cluster, 2);
        for (var i = 0; i < 2; i++)
        {
            cluster.Silos[i].Process.Signal("TERM");
            await cluster.Silos[i].Process.WaitForExitAsync();
            await cluster.Silos[i].KillAsync();
            cluster.Silos[i].Program = newer;
            await cluster.Silos[i].StartAsync();
            await OnScheduleAsync(cluster, 2);

            // Each side understands what the other one answers.
            await etcd.PutAsync($"/upgrade{i}", 1);
            foreach (var silo in cluster.Silos)
            {
                await Task.WhenAll(Enumerable.Range(0, 30).Select(c => BackUpAsync(silo, $"c{c}")));
            }
        }
    }

    [Fact]
    public async Task State_and_schema_of_the_first_build_are_taken_over()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        var first = (await service.JsonAsync("/v1/backupnow")).GetProperty("creationTime").GetString();
        await service.KillAsync();

        // It knew neither compression nor encryption, and its file had no version.
        var state = $"Data Source={service["data/state.db"]};Pooling=False";
        Rewrite(state, "\"Compression\":0,\"Encryption\":0,", "");
        Execute(state, "PRAGMA user_version = 0");
        await service.StartAsync();
        using var answer = await service.GetAsync("/v1/backupnow");
        Assert.Equal("unchanged", Assert.Single(answer.Headers.GetValues("X-Backup-Skipped")));
        Assert.Contains(first!, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await service.KillAsync();
        Assert.Equal(1L, Execute(state, "SELECT user_version FROM pragma_user_version"));
    }

    [Fact]
    public async Task State_of_a_newer_build_is_refused_and_left_alone()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        await service.KillAsync();
        var state = $"Data Source={service["data/state.db"]};Pooling=False";
        Rewrite(state, """{"Format":1,"Spec":{""", """{"Format":99,"Spec":{""");
        await service.StartAsync(waitReady: false);
        await Workspace.UntilAsync(
            () => Task.FromResult(service.Output.Contains("has format 99, written by a newer build", StringComparison.Ordinal)),
            "the log tells");
        await service.UntilServingAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, (await service.GetAsync("/v1/backupnow")).StatusCode);
        await service.KillAsync();
        Assert.Equal(1L, Execute(state, """SELECT count(*) FROM OrleansStorage WHERE CAST(PayloadBinary AS TEXT) LIKE '{"Format":99,%'"""));

        Execute(state, "PRAGMA user_version = 99");
        await service.StartAsync(waitReady: false);
        await service.Process.WaitForExitAsync();
        Assert.Equal(78, service.Process.ExitCode);
        Assert.Contains("has schema 99", service.Output, StringComparison.Ordinal);
    }

    // Of one grain's state.
    private static void Rewrite(string state, string from, string to) => Assert.Equal(1, Execute(state, $"""
        UPDATE OrleansStorage SET PayloadBinary = CAST(replace(CAST(PayloadBinary AS TEXT), '{from}', '{to}') AS BLOB)
        WHERE CAST(PayloadBinary AS TEXT) LIKE '%{from}%'
        """));

    // A cluster that moves at this moment says so with a 503, and that it should be tried again.
    private static Task BackUpAsync(ServiceProcess silo, string name) => Workspace.UntilAsync(
        async () =>
        {
            using var answer = await silo.GetAsync($"/v1/clusters/default/{name}/backupnow");
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable,
                await answer.Content.ReadAsStringAsync());
            return answer.StatusCode == HttpStatusCode.OK;
        },
        $"a backup of {name}");

    private static Task OnScheduleAsync(SiloCluster cluster, int silos)
    {
        var now = DateTimeOffset.UtcNow;
        return Workspace.UntilAsync(
            async () =>
            {
                try
                {
                    var lines = await SiloCluster.LinesAsync(cluster.Silos[0]);
                    return lines.All(l =>
                        l.TryGetProperty("lastSuccess", out var at) && at.GetDateTimeOffset() > now &&
                        l.GetProperty("failuresInRow").GetInt32() == 0) &&
                        lines.Select(l => l.GetProperty("silo").GetString()).Distinct().Count() == silos;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "all clusters are on schedule, on all silos");
    }

    private static object? Execute(string connectionString, string sql)
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return sql.StartsWith("SELECT", StringComparison.Ordinal) ? command.ExecuteScalar() : command.ExecuteNonQuery();
    }
}

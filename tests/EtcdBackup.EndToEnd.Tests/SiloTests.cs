using System.Diagnostics;
using System.Net;
using System.Text.Json;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class SiloTests
{
    // Silos on Redis are killed by RandomFaultTests.
    [Theory]
    [InlineData("PostgreSQL", "KILL", true)]
    [InlineData("Redis", "STOP", true)]
    [InlineData("Kubernetes", "KILL", false)]
    public async Task Clusters_spread_over_silos_and_a_dead_ones_are_back_on_schedule_in_time(string kind, string signal, bool hasTls)
    {
        using var authority = new TestAuthority("silo authority");
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        await WithServerAsync(kind, async (connection, _) =>
        {
            await using var api = kind == "Kubernetes" ? await KubeApiServer.StartAsync() : null;
            await using var cluster = new SiloCluster(
                3, kind == "Kubernetes" ? "Redis" : kind, connection,
                Enumerable.Range(0, 20).Select(i => ServiceProcess.Cluster($"c{i}", etcd.Endpoints, intervalInSecond: 4))
                    .Append(ServiceProcess.Cluster("c0", etcd.Endpoints, intervalInSecond: 4, @namespace: "prod")));
            if (api is not null)
            {
                await api.ApplyDefinitionsAsync();
                cluster.UseKubernetes(api.AdminConfig);
            }

            if (hasTls)
            {
                cluster.UseTls(authority);
            }

            await cluster.StartAsync();
            await Workspace.UntilAsync(
                async () => (await SiloCluster.SpreadAsync(cluster.Silos[0])).Count == 3, "all three silos have clusters");
            await Workspace.UntilAsync(
                async () => (await SiloCluster.LinesAsync(cluster.Silos[0])).All(HasBackup), "every cluster has a backup");
            foreach (var silo in cluster.Silos)
            {
                await ClusterNamingTests.AnswersByHostAsync(silo);
            }

            cluster.Silos[2].Process.Signal(signal);
            var watch = Stopwatch.StartNew();
            var dead = DateTimeOffset.UtcNow;
            await Workspace.UntilAsync(
                async () => (await AfterAsync(cluster.Silos[0])).All(t => t > dead),
                "every cluster was looked at after the death",
                seconds: 60);
            TestContext.Current.TestOutputHelper?.WriteLine($"all back on schedule after {watch.Elapsed.TotalSeconds:0.0} s");
            Assert.Equal(2, (await SiloCluster.SpreadAsync(cluster.Silos[1])).Count);

            // One that was only frozen finds that it was declared dead, and ends itself: a supervisor starts it again.
            if (signal == "STOP")
            {
                cluster.Silos[2].Process.Signal("CONT");
            }

            await cluster.Silos[2].Process.WaitForExitAsync();
            await cluster.Silos[2].KillAsync();
            await cluster.Silos[2].StartAsync();
            await Workspace.UntilAsync(
                async () => (await SiloCluster.SpreadAsync(cluster.Silos[0])).Count == 3, "all three silos have clusters again");
        });
    }

    [Fact]
    public async Task Told_to_stop_a_silo_ends_its_backup_answers_not_ready_meanwhile_and_hands_over()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 4, 1024 * 1024);
        using var proxy = new FaultProxy(etcd.Endpoints[0]);
        await using var redis = await RedisServer.StartAsync();

        // The silos' ports choose who serves what: so many that no choice leaves one silo without any.
        await using var cluster = new SiloCluster(
            2, "Redis", redis.ConnectionString, Enumerable.Range(0, 30).Select(i => ServiceProcess.Cluster($"c{i}", [proxy.Url])));
        await cluster.StartAsync();
        await Workspace.UntilAsync(
            async () => (await SiloCluster.LinesAsync(cluster.Silos[0])).All(HasBackup), "every cluster has a backup");
        await Workspace.UntilAsync(async () => (await SiloCluster.SpreadAsync(cluster.Silos[0])).Count == 2, "both silos have clusters");
        var other = (await SiloCluster.LinesAsync(cluster.Silos[0])).GroupBy(c => c.GetProperty("silo").GetString()!);
        await etcd.PutAsync("/b", 1);

        // The one silo or the other: whichever serves the cluster whose slow backup runs.
        proxy.OnServerBytes = (piece, _, stop) => Task.Delay(piece.Length / 1000, stop);
        var names = other.Select(g => g.First().GetProperty("name").GetString()!).ToArray();
        var running = names.Select(n => cluster.Silos[0].GetAsync($"/v1/clusters/default/{n}/backupnow")).ToArray();
        await Workspace.UntilAsync(
            async () => (await SiloCluster.LinesAsync(cluster.Silos[0]))
                .Count(c => c.TryGetProperty("running", out var r) && r.GetProperty("stage").GetString() == "streaming") == 2, "both run");
        cluster.Silos[1].Process.Signal("TERM");
        await Workspace.UntilAsync(
            async () => (await cluster.Silos[1].GetAsync("/readyz")).StatusCode == HttpStatusCode.ServiceUnavailable, "not ready");
        foreach (var answer in await Task.WhenAll(running))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await cluster.Silos[1].Process.WaitForExitAsync();
        Assert.Equal(0, cluster.Silos[1].Process.ExitCode);
        proxy.OnServerBytes = (_, _, _) => Task.CompletedTask;
        await etcd.PutAsync("/c", 1);
        foreach (var line in await SiloCluster.LinesAsync(cluster.Silos[0]))
        {
            await Workspace.UntilAsync(
                async () => (await cluster.Silos[0].GetAsync(
                $"/v1/clusters/default/{line.GetProperty("name").GetString()}/backupnow")).StatusCode == HttpStatusCode.OK,
                "its clusters go on elsewhere");
        }

        Assert.Single(await SiloCluster.SpreadAsync(cluster.Silos[0]));
    }

    [Fact]
    public async Task A_snapshot_that_would_wait_on_a_busy_silo_is_taken_by_one_that_has_a_slot_free()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 8, 1024 * 1024);
        using var proxy = new FaultProxy(etcd.Endpoints[0]);
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(
            2, "Redis", redis.ConnectionString, Enumerable.Range(0, 20).Select(i => ServiceProcess.Cluster($"c{i}", etcd.Endpoints)));
        foreach (var silo in cluster.Silos)
        {
            silo.Config["Backups"]!["MaxConcurrent"] = 1;
        }

        await cluster.StartAsync();
        await Workspace.UntilAsync(
            async () => (await SiloCluster.LinesAsync(cluster.Silos[0])).All(HasBackup), "every cluster has a backup");
        await Workspace.UntilAsync(async () => (await SiloCluster.SpreadAsync(cluster.Silos[0])).Count == 2, "both silos have clusters");
        var home = (await SiloCluster.LinesAsync(cluster.Silos[0])).GroupBy(c => c.GetProperty("silo").GetString()!).MaxBy(g => g.Count())!;
        var busy = home.Take(2).Select(c => c.GetProperty("name").GetString()!).ToArray();

        // Two clusters of one silo, both slow, both due all the time: a silo takes one at once.
        var go = new TaskCompletionSource();
        proxy.OnServerBytes = (_, total, _) => total > 4 * 1024 * 1024 ? go.Task : Task.CompletedTask;
        await etcd.PutAsync("/b", 1);
        foreach (var silo in cluster.Silos)
        {
            foreach (var item in silo.Config["Clusters"]!.AsArray().Where(c => busy.Contains(c!["name"]!.GetValue<string>())))
            {
                item!["endpoints"] = new System.Text.Json.Nodes.JsonArray(proxy.Url);
                item["backup"]!["backupIntervalInSecond"] = 1;
            }

            silo.WriteConfig();
        }

        await Workspace.UntilAsync(async () => (await StreamingAsync()).Distinct().Count() == 2, "both stream, each on a silo of its own");
        go.SetResult();

        // Then both go home.
        await Workspace.UntilAsync(
            async () => (await SiloCluster.LinesAsync(cluster.Silos[0])).Where(c => busy.Contains(c.GetProperty("name").GetString()))
            .All(c => c.GetProperty("silo").GetString() == home.Key), "both are at home again");

        async Task<string[]> StreamingAsync() => [.. (await SiloCluster.LinesAsync(cluster.Silos[0]))
            .Where(c => c.TryGetProperty("running", out var r) && r.GetProperty("stage").GetString() == "streaming")
                .Select(c => c.GetProperty("silo").GetString()!)];
    }

    [Theory]
    [InlineData("Redis")]
    [InlineData("PostgreSQL")]
    public async Task While_the_state_store_is_down_backups_go_on_and_nothing_is_lost(string kind)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        await WithServerAsync(kind, async (connection, restart) =>
        {
            await using var cluster = new SiloCluster(
                2, kind, connection,
                Enumerable.Range(0, 6).Select(i => ServiceProcess.Cluster($"c{i}", etcd.Endpoints, intervalInSecond: 2)));
            await cluster.StartAsync();
            await Workspace.UntilAsync(
                async () => (await SiloCluster.LinesAsync(cluster.Silos[0])).All(HasBackup), "every cluster has a backup");
            long revision = 0;
            await restart(async () =>
            {
                await etcd.PutAsync("/while-down", 3);
                revision = await etcd.RevisionAsync();
                await Workspace.UntilAsync(
                    () => Task.FromResult(Enumerable.Range(0, 6).All(i => HasRevision(cluster.BackupDirectory, $"c{i}", revision))),
                    "backups go on without the state store");
            });

            await etcd.PutAsync("/after", 3);
            revision = await etcd.RevisionAsync();
            await Workspace.UntilAsync(
                () => Task.FromResult(Enumerable.Range(0, 6).All(i => HasRevision(cluster.BackupDirectory, $"c{i}", revision))),
                "backups go on afterwards");
            await Workspace.UntilAsync(
                async () => (await SiloCluster.LinesAsync(cluster.Silos[1])).All(c => c.GetProperty("failuresInRow").GetInt32() == 0),
                "and all is well");
        });
    }

    private static bool HasBackup(JsonElement line) => line.TryGetProperty("lastSuccess", out var _);

    private static bool HasRevision(string backups, string cluster, long revision) =>
        Directory.GetFiles(Path.Combine(backups, "v1/default", cluster), $"*_{revision:x16}_*etcd.backup").Length > 0;

    private static async Task<IEnumerable<DateTimeOffset>> AfterAsync(ServiceProcess silo)
    {
        try
        {
            return (await SiloCluster.LinesAsync(silo))
                .Select(c => c.TryGetProperty("lastSuccess", out var at) ? at.GetDateTimeOffset() : DateTimeOffset.MinValue);
        }
        catch (HttpRequestException)
        {
            // a cluster on the dead silo: for some seconds nobody knows where it is
            return [DateTimeOffset.MinValue];
        }
    }

    private static async Task WithServerAsync(string kind, Func<string, Func<Func<Task>, Task>, Task> test)
    {
        if (kind is "Redis" or "Kubernetes")
        {
            await using var redis = await RedisServer.StartAsync();
            await test(redis.ConnectionString, async down =>
            {
                await redis.DownAsync();
                await down();
                await redis.UpAsync();
            });
            return;
        }

        await using var postgres = await PostgreSqlServer.StartAsync();
        await test(postgres.ConnectionString, async down =>
        {
            await postgres.DownAsync();
            await down();
            await postgres.UpAsync();
        });
    }
}

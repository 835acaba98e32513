using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>
/// Three silos whose processes are killed and stopped, and whose state store is restarted and cut off, at random; bench/faults does it for
/// longer.
/// </summary>
public class RandomFaultTests
{
    private const int Silos = 3;
    private const int AllowedDelay = 20;

    private static readonly int Seconds = Number("ETCDBACKUP_FAULT_SECONDS", 45);
    private static readonly int Clusters = Number("ETCDBACKUP_FAULT_CLUSTERS", 20);
    private static readonly int Interval = Number("ETCDBACKUP_FAULT_INTERVAL", 5);
    private static readonly int StopSeconds = Number("ETCDBACKUP_FAULT_STOP_SECONDS", 15);

    [Fact]
    public async Task No_backup_is_missed_or_torn_whatever_dies()
    {
        var kind = Environment.GetEnvironmentVariable("ETCDBACKUP_FAULT_STORE") ?? "Redis";
        var seed = Number("ETCDBACKUP_FAULT_SEED", 1);
        var etcds = await Task.WhenAll(EtcdServers.StartAsync(), EtcdServers.StartAsync(), EtcdServers.StartAsync());
        await using var redis = kind == "PostgreSQL" ? null : await RedisServer.StartAsync();
        await using var postgres = kind == "PostgreSQL" ? await PostgreSqlServer.StartAsync() : null;
        await using var api = kind == "Kubernetes" ? await KubeApiServer.StartAsync() : null;
        var proxies = Enumerable.Range(0, Silos).Select(_ => new FaultProxy($"http://127.0.0.1:{redis?.Port ?? postgres!.Port}")).ToArray();
        await using var cluster = new SiloCluster(
            Silos,
            redis is null ? kind : "Redis",
            i => redis is not null ? proxies[i].Url["http://".Length..]
                : postgres!.ConnectionString.Replace(
                $"Port={postgres.Port}", $"Port={new Uri(proxies[i].Url).Port}", StringComparison.Ordinal),
            Enumerable.Range(0, Clusters).Select(i => ServiceProcess.Cluster($"c{i}", etcds[i % 3].Endpoints, Interval)));
        foreach (var silo in cluster.Silos)
        {
            silo.Config["Backups"]!["SweepAgeInSecond"] = 3;
        }

        if (api is not null)
        {
            await api.ApplyDefinitionsAsync();
            cluster.UseKubernetes(api.AdminConfig);
        }

        await cluster.StartAsync();
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(etcds, stop.Token);
        await Workspace.UntilAsync(
            async () => (await SiloCluster.LinesAsync(cluster.Silos[0])).All(HasBackup), "every cluster has a backup");

        var begun = DateTimeOffset.UtcNow;
        var deeds = await FaultsAsync(cluster, redis, api, proxies, new Random(seed));
        foreach (var deed in deeds)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(deed);
        }

        var healed = DateTimeOffset.UtcNow;
        await Workspace.UntilAsync(
            async () => (await SiloCluster.LinesAsync(cluster.Silos[0]))
            .All(l => l.TryGetProperty("lastSuccess", out var at) && at.GetDateTimeOffset() > healed),
            "all clusters are on schedule again");
        await stop.CancelAsync();
        await writing;

        await CheckGapsAsync(cluster, begun);
        await CheckStoredAsync(cluster);
        await Workspace.UntilAsync(
            () => Task.FromResult(Directory.GetFiles(Path.Combine(cluster.BackupDirectory, ".scratch")).Length == 0),
            "leftovers are swept");
        foreach (var etcd in etcds)
        {
            await etcd.DisposeAsync();
        }

        foreach (var proxy in proxies)
        {
            proxy.Dispose();
        }
    }

    private static int Number(string variable, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(variable) ?? otherwise.ToString(CultureInfo.InvariantCulture),
        CultureInfo.InvariantCulture);

    private static bool HasBackup(JsonElement line) => line.TryGetProperty("lastSuccess", out var _);

    private static async Task WriteAsync(EtcdServers[] etcds, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await Task.WhenAll(etcds.Select(e => e.PutAsync("/w", 1, 16, seed: i)));
            await Task.Delay(300, CancellationToken.None);
        }
    }

    // One thing at a time, so that there is always a silo that could do the work: what is promised is promised for the death of one
    // machine.
    private static async Task<List<string>> FaultsAsync(
        SiloCluster cluster, RedisServer? redis, KubeApiServer? api, FaultProxy[] proxies, Random random)
    {
        var deeds = new List<string>();
        var end = DateTimeOffset.UtcNow.AddSeconds(Seconds);
        while (DateTimeOffset.UtcNow < end)
        {
            var victim = random.Next(Silos);
            switch (random.Next(redis is null ? 3 : api is null ? 4 : 5))
            {
                case 0:
                    deeds.Add($"{DateTimeOffset.UtcNow:T} kill -9 silo {victim}");
                    await cluster.Silos[victim].KillAsync();
                    await Task.Delay(random.Next(0, 10_000));
                    await cluster.Silos[victim].StartAsync();
                    break;
                case 1:
                    deeds.Add($"{DateTimeOffset.UtcNow:T} kill -STOP silo {victim} for {StopSeconds} s");
                    cluster.Silos[victim].Process.Signal("STOP");
                    await Task.Delay(StopSeconds * 1000);
                    cluster.Silos[victim].Process.Signal("CONT");
                    // Declared dead meanwhile, it ends itself, as a supervisor expects.
                    await Task.WhenAny(cluster.Silos[victim].Process.WaitForExitAsync(), Task.Delay(10_000));
                    deeds.Add($"{DateTimeOffset.UtcNow:T} silo {victim} {(
                        cluster.Silos[victim].Process.HasExited ? "found that it was declared dead, and ended" : "goes on")}");
                    if (cluster.Silos[victim].Process.HasExited)
                    {
                        await cluster.Silos[victim].KillAsync();
                        await cluster.Silos[victim].StartAsync();
                    }

                    break;
                case 2:
                    deeds.Add($"{DateTimeOffset.UtcNow:T} silo {victim} is cut off from the state store for some seconds");
                    proxies[victim].OnServerBytes = (_, _, stop) => Task.Delay(Timeout.Infinite, stop);
                    await Task.Delay(random.Next(1000, 10_000));
                    proxies[victim].OnServerBytes = (_, _, _) => throw new IOException("cut");
                    await Task.Delay(500);
                    proxies[victim].OnServerBytes = (_, _, _) => Task.CompletedTask;
                    break;
                case 4:
                    deeds.Add($"{DateTimeOffset.UtcNow:T} the Kubernetes API goes away for some seconds");
                    await api!.DownAsync();
                    await Task.Delay(random.Next(0, 10_000));
                    await api.UpAsync();
                    break;
                default:
                    deeds.Add($"{DateTimeOffset.UtcNow:T} Redis restarts");
                    await redis!.DownAsync();
                    await Task.Delay(random.Next(0, 2000));
                    await redis.UpAsync();
                    break;
            }

            await Task.Delay(random.Next(1000, 4000));
        }

        return deeds;
    }

    private static async Task CheckGapsAsync(SiloCluster cluster, DateTimeOffset begun)
    {
        var worst = TimeSpan.Zero;
        var missed = new List<string>();
        foreach (var folder in Directory.GetDirectories(Path.Combine(cluster.BackupDirectory, "v1/default")))
        {
            var times = new List<DateTimeOffset>();
            foreach (var file in Directory.GetFiles(folder, "*.json"))
            {
                times.Add(JsonNode.Parse(await File.ReadAllTextAsync(file))!["creationTime"]!.GetValue<DateTimeOffset>());
            }

            times.Sort();
            foreach (var (from, to) in times.Zip(times.Skip(1)).Where(t => t.Second > begun))
            {
                worst = to - from > worst ? to - from : worst;
                if (to - from > TimeSpan.FromSeconds(Interval + AllowedDelay))
                {
                    missed.Add($"{Path.GetFileName(folder)}: none from {from:T} to {to:T}");
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"longest gap between two backups of a cluster: {worst.TotalSeconds:0.0} s, with an interval of {Interval} s");
        Assert.True(missed.Count == 0, string.Join('\n', missed));
    }

    private static async Task CheckStoredAsync(SiloCluster cluster)
    {
        var count = 0;
        foreach (var line in await SiloCluster.LinesAsync(cluster.Silos[0]))
        {
            var path = $"/v1/clusters/default/{line.GetProperty("name").GetString()}";
            foreach (var item in (await cluster.Silos[0].JsonAsync(path + "/backups?limit=1000")).GetProperty("items").EnumerateArray())
            {
                using var report = await cluster.Silos[0].Client.PostAsync(
                    $"{path}/backups/{item.GetProperty("name").GetString()}/verify", null);
                var text = await report.Content.ReadAsStringAsync();
                Assert.True(JsonNode.Parse(text)!["verification"]?["sound"]?.GetValue<bool>(), text);
                count++;
            }

            // What the state says is the latest is what the store says.
            var status = await cluster.Silos[0].JsonAsync(path + "/status");
            Assert.Equal(status.GetProperty("recentBackup").GetProperty("name").GetString(),
                status.GetProperty("lastRuns")[0].GetProperty("backup").GetString());
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} backups verified");
    }
}

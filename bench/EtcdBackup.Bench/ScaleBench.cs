using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>Very many clusters on one silo: how soon all are scheduled, how many checks a second it holds, how late they are.</summary>
internal static class ScaleBench
{
    private const int Etcds = 4;

    public static async Task RunAsync(int clusters, int seconds)
    {
        var etcds = await Task.WhenAll(Enumerable.Range(0, Etcds).Select(_ => EtcdServers.StartAsync()));
        foreach (var etcd in etcds)
        {
            await etcd.PutAsync("/a", 3);
        }

        await using var service = new ServiceProcess();
        service.Config["Backups"]!["ScrubIntervalInSecond"] = 0;
        Write(service, etcds, clusters, intervalInSecond: 300);
        var start = Stopwatch.StartNew();
        await service.StartAsync(waitReady: false);
        await UntilAsync(service, lines => lines.Length == clusters && lines.All(l => l.TryGetProperty("nextDue", out _)), 300);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{clusters} clusters, {Etcds} small etcds, one silo, SQLite. " +
            $"From start of the process to all scheduled: {start.Elapsed.TotalSeconds:0.0} s"));
        await UntilAsync(service, lines => lines.All(l => l.TryGetProperty("lastSuccess", out _)), 1800);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"First backups of all done after {start.Elapsed.TotalSeconds:0} s, {Measure.PeakMegabytes(service.Process.Id):0} MB at most"));

        await service.KillAsync();
        start.Restart();
        await service.StartAsync(waitReady: false);
        await UntilAsync(service, lines => lines.Length == clusters && lines.All(l => l.TryGetProperty("nextDue", out _)), 300);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"After kill -9, from start of the process to all scheduled: {start.Elapsed.TotalSeconds:0.0} s"));

        Console.WriteLine($"Interval 300 s, {seconds} s watched ...");
        await Task.Delay(TimeSpan.FromSeconds(60));
        await WatchAsync(service, etcds, clusters, 300, seconds);

        // As many as it can: all due every few seconds.
        var fast = Math.Max(1, clusters / 1000);
        Write(service, etcds, clusters, fast);
        Console.WriteLine($"Interval {fast} s, more than it can do: how many checks a second ...");
        await Task.Delay(TimeSpan.FromSeconds(40));
        await WatchAsync(service, etcds, clusters, fast, 60);
        foreach (var etcd in etcds)
        {
            await etcd.DisposeAsync();
        }
    }

    /// <summary>Three silos with one Redis: how evenly they share very many clusters, before and after one is killed.</summary>
    public static async Task SilosAsync(int clusters)
    {
        var etcds = await Task.WhenAll(Enumerable.Range(0, Etcds).Select(_ => EtcdServers.StartAsync()));
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(3, "Redis", redis.ConnectionString, Enumerable.Range(0, clusters)
            .Select(i => ServiceProcess.Cluster($"c{i}", etcds[i % Etcds].Endpoints, 300)));
        await Task.WhenAll(cluster.Silos.Select(s => s.StartAsync(waitReady: false)));
        await UntilSharedAsync(cluster, clusters, 3);
        await cluster.Silos[2].KillAsync();
        await UntilSharedAsync(cluster, clusters, 2);
        foreach (var etcd in etcds)
        {
            await etcd.DisposeAsync();
        }
    }

    private static async Task UntilSharedAsync(SiloCluster cluster, int clusters, int silos)
    {
        var watch = Stopwatch.StartNew();
        int[] spread = [];
        await UntilAsync(cluster.Silos[0], lines =>
        {
            spread = lines.GroupBy(l => l.GetProperty("silo").GetString()).Select(g => g.Count()).ToArray();
            return lines.Length == clusters && spread.Length == silos && spread.Min() > clusters / silos / 2;
        }, 600);
        var even = (double)clusters / silos;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{clusters} clusters on {silos} silos after {watch.Elapsed.TotalSeconds:0} s: {string.Join(", ", spread.Order())}; " +
            $"at most {spread.Max(s => Math.Abs(s - even)) / even * 100:0.0} % off an even share"));
    }

    private static void Write(ServiceProcess service, EtcdServers[] etcds, int clusters, int intervalInSecond)
    {
        service.Config["Clusters"] = new System.Text.Json.Nodes.JsonArray();
        service.With(
            Enumerable.Range(0, clusters).Select(i => ServiceProcess.Cluster($"c{i}", etcds[i % Etcds].Endpoints, intervalInSecond)));
        service.WriteConfig();
    }

    private static async Task WatchAsync(ServiceProcess service, EtcdServers[] etcds, int clusters, int intervalInSecond, int seconds)
    {
        Measure.ResetPeak(service.Process.Id);
        var cpu = Measure.CpuSeconds(service.Process.Id);
        var before = await ChecksAsync(etcds);
        var begun = DateTimeOffset.UtcNow;
        var watch = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var checks = await ChecksAsync(etcds) - before;
        var elapsed = watch.Elapsed.TotalSeconds;
        cpu = Measure.CpuSeconds(service.Process.Id) - cpu;

        var now = DateTimeOffset.UtcNow;
        var lines = await LinesAsync(service);
        var lateness = lines.Select(l => Lateness(l, intervalInSecond, begun, now)).OfType<double>().Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {checks / elapsed:0} checks a second (asked for: {(double)clusters / intervalInSecond:0}); " +
            $"late by {lateness[lateness.Length / 2]:0.000} s in the median, {lateness[lateness.Length * 99 / 100]:0.000} s at the " +
            $"99th percentile ({lateness.Length} clusters); {cpu / elapsed:0.00} cores, " +
            $"{Measure.PeakMegabytes(service.Process.Id):0} MB at most"));
    }

    /// <summary>
    /// How late the newest check of a cluster ended after its moment, or has not yet begun; null if its moment was not in the watched time:
    /// a check that fell due while the killed service was away waited for its start.
    /// </summary>
    private static double? Lateness(JsonElement line, int intervalInSecond, DateTimeOffset begun, DateTimeOffset now)
    {
        var next = line.GetProperty("nextDue").GetDateTimeOffset();
        if (next < now)
        {
            return (now - next).TotalSeconds;
        }

        var due = next.AddSeconds(-intervalInSecond);
        var run = line.GetProperty("lastRun");
        return due < begun || run.GetProperty("result").GetString() != "unchanged"
            ? null
            : (run.GetProperty("startedAt").GetDateTimeOffset() - due).TotalSeconds + run.GetProperty("seconds").GetDouble();
    }

    private static async Task<double> ChecksAsync(EtcdServers[] etcds)
    {
        using var client = new HttpClient();
        double sum = 0;
        foreach (var etcd in etcds)
        {
            var line = (await client.GetStringAsync(etcd.Endpoints[0] + "/metrics")).Split('\n')
                .Single(l => l.StartsWith("grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Status\"", StringComparison.Ordinal));
            sum += double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        }

        return sum;
    }

    private static async Task<JsonElement[]> LinesAsync(ServiceProcess service) =>
        [.. (await service.JsonAsync("/v1/clusters")).EnumerateArray()];

    private static Task UntilAsync(ServiceProcess service, Func<JsonElement[], bool> condition, int seconds) =>
        Workspace.UntilAsync(async () =>
        {
            // Asking is work too: the answer is ten thousand lines.
            await Task.Delay(2000);
            try
            {
                return condition(await LinesAsync(service));
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the clusters", seconds);
}

using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EtcdBackup.Testing;
using Etcdserverpb;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.EndToEnd.Tests;

public partial class MetricsTests
{
    [Fact]
    public async Task The_page_has_each_metric_and_nothing_else_and_promtool_finds_no_fault()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = new ServiceProcess().With(
            ServiceProcess.Cluster("example", etcd.Endpoints), ServiceProcess.Cluster("dead", ["http://127.0.0.1:1"], @namespace: "prod"));
        service.Config["Notifications"] = new JsonObject
        {
            ["Webhooks"] = new JsonArray(new JsonObject { ["Url"] = "http://127.0.0.1:1/x" }),
        };
        service.Config["Clusters"]![0]!["backup"]!["log"] = new JsonObject { ["enabled"] = true, ["sealInSecond"] = 1 };
        await service.StartAsync();
        await etcd.CtlAsync("put", "key", "value");
        await service.JsonAsync("/v1/clusters/default/example/backupnow");
        var backups = await service.JsonAsync("/v1/clusters/default/example/backups");
        var name = backups.GetProperty("items")[0].GetProperty("name").GetString();
        (await service.Client.PostAsync($"/v1/clusters/default/example/backups/{name}/verify", null)).EnsureSuccessStatusCode();
        await etcd.AlarmAsync(AlarmType.Nospace);
        await service.JsonAsync("/v1/clusters/default/example/backupnow");
        await Workspace.UntilAsync(
            async () => await ReadAsync(service) is var text && text.Contains("etcdbackup_member_alarms{", StringComparison.Ordinal) &&
                text.Contains("etcdbackup_notifications_waiting{", StringComparison.Ordinal) &&
                text.Contains("etcdbackup_log_current_timestamp_seconds{", StringComparison.Ordinal) &&
                text.Contains("etcdbackup_log_first_revision{", StringComparison.Ordinal), "the alarm, what waits and the log are told");

        var metrics = await ReadAsync(service);
        await File.WriteAllTextAsync(service["metrics"], metrics);
        Assert.Equal("", await ChildProcess.RunAsync("sh", "-c", $"promtool check metrics < {service["metrics"]} 2>&1"));
        var page = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "docs/metrics.md"));
        var told = Types().Matches(metrics).Select(m => $"{m.Groups["name"]} {m.Groups["type"]}").ToHashSet();
        var listed = Rows().Matches(page).Select(m => $"{m.Groups["name"]} {m.Groups["type"]}").ToHashSet();

        // This etcd does not tell its quota.
        Assert.Equal(listed.Where(m => !m.Contains("quota", StringComparison.Ordinal)).Order(), told.Where(IsOurs).Order());
        foreach (var other in told.Where(m => !IsOurs(m)))
        {
            Assert.Contains($"`{other.Split(' ')[0]}`", page, StringComparison.Ordinal);
        }

        foreach (var (metric, label) in Labels().Matches(metrics).SelectMany(
            m => m.Groups["label"].Captures.Select(c => (Metric: m.Groups["name"].Value, Label: c.Value))).Distinct()
            .Where(l => l.Label != "le"))
        {
            var row = Rows().Matches(page).First(r => metric.StartsWith(r.Groups["name"].Value, StringComparison.Ordinal) &&
                metric[r.Groups["name"].Length..] is "" or "_bucket" or "_sum" or "_count");
            Assert.Contains($"`{label}`", row.Groups["labels"].Value, StringComparison.Ordinal);
        }

        Assert.Contains("etcdbackup_cluster_failures{name=\"dead\",namespace=\"prod\"} ", metrics, StringComparison.Ordinal);
        Assert.Contains("etcdbackup_verifications_total{by=\"request\",result=\"sound\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("etcdbackup_cluster_backups{name=\"example\",namespace=\"default\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("etcdbackup_log_failing{name=\"example\",namespace=\"default\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains(
            "etcdbackup_log_proofs_total{name=\"example\",namespace=\"default\",result=\"differs\"} 0\n", metrics,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_more_clusters_than_have_series_those_that_are_not_well_are_told()
    {
        await using var etcd = await EtcdServers.StartAsync();
        string[] names = ["a", "b", "dead"];
        await using var service = new ServiceProcess().With(
            names.Select(n => ServiceProcess.Cluster(n, n == "dead" ? ["http://127.0.0.1:1"] : etcd.Endpoints)));
        service.Config["Metrics"] = new JsonObject { ["MaxClusters"] = 2 };
        await service.StartAsync();
        foreach (var name in names)
        {
            (await service.Client.GetAsync($"/v1/clusters/default/{name}/backupnow")).Dispose();
        }

        var metrics = await ReadAsync(service);
        Assert.Equal(["dead"], Clusters(metrics));
        Assert.Contains("etcdbackup_clusters_served{} 3\n", metrics, StringComparison.Ordinal);
        Assert.Contains("etcdbackup_clusters_untold{} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("etcdbackup_clusters_troubled{trouble=\"Failing\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_silos_each_tells_its_clusters_and_none_is_told_twice_after_one_is_gone()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        var all = Enumerable.Range(0, 12).Select(i => $"c{i:00}").ToArray();
        var clusters = all.Select(c => ServiceProcess.Cluster(c, etcd.Endpoints));
        await using var silos = new SiloCluster(2, "Redis", redis.ConnectionString, clusters);
        await silos.StartAsync();
        await Workspace.UntilAsync(async () =>
        {
            var told = await Task.WhenAll(silos.Silos.Select(async s => Clusters(await ReadAsync(s)).ToArray()));
            return told.All(t => t.Length > 0) && told.SelectMany(t => t).Order().SequenceEqual(all);
        }, "each cluster is told once, by one of two silos");

        await silos.Silos[1].KillAsync();
        await Workspace.UntilAsync(
            async () => Clusters(await ReadAsync(silos.Silos[0])).Order().SequenceEqual(all), "the silo that is left tells all clusters");
    }

    [Fact]
    public async Task Metrics_and_a_trace_of_each_run_are_sent_by_OTLP()
    {
        var sent = new ConcurrentDictionary<string, string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/{kind}", async (string kind, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            var text = Encoding.Latin1.GetString(body.ToArray());
            sent.AddOrUpdate(kind, text, (_, before) => before + text);
        });
        await collector.StartAsync();
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        service.Config["Metrics"] = new JsonObject
        {
            ["OtlpEndpoint"] = collector.Urls.Single(),
            ["OtlpProtocol"] = "Http",
            ["OtlpIntervalInSecond"] = 1,
        };
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        string[] stages = ["backup run", "probing", "streaming", "proving", "committing", "default/example", "Succeeded"];
        string[] metrics = ["etcdbackup.cluster.last_success.timestamp", "etcdbackup.runs", "dotnet.gc.pause.time"];
        await Workspace.UntilAsync(() => Task.FromResult(Has("traces", stages) && Has("metrics", metrics)), "traces and metrics are sent");

        bool Has(string kind, string[] words) =>
            sent.TryGetValue(kind, out var text) && Array.TrueForAll(words, w => text.Contains(w, StringComparison.Ordinal));
    }

    private static Task<string> ReadAsync(ServiceProcess service) => service.Client.GetStringAsync("/metrics");

    private static IEnumerable<string> Clusters(string metrics) =>
        Intervals().Matches(metrics).Select(m => m.Groups["name"].Value);

    private static bool IsOurs(string metric) => metric.StartsWith("etcdbackup_", StringComparison.Ordinal);

    [GeneratedRegex(@"^# TYPE (?<name>\S+) (?<type>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Types();

    [GeneratedRegex(@"^\| `(?<name>etcdbackup_\w+)` \| (?<type>\w+) \| (?<labels>[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"^(?<name>etcdbackup_\w+)\{(?:(?<label>\w+)=""[^""]*"",?)*\}", RegexOptions.Multiline)]
    private static partial Regex Labels();

    [GeneratedRegex(@"^etcdbackup_cluster_interval_seconds\{name=""(?<name>[^""]+)""", RegexOptions.Multiline)]
    private static partial Regex Intervals();
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public partial class MonitoringTests
{
    private static readonly string Folder = Path.Combine(Workspace.Root, "k8s/monitoring");

    [Fact]
    public async Task Each_alert_fires_when_it_must_and_not_otherwise()
    {
        var (rules, tests) = (Path.Combine(Folder, "rules.yaml"), Path.Combine(Folder, "rules.test.yaml"));
        await ChildProcess.RunAsync("promtool", "check", "rules", rules);
        await ChildProcess.RunAsync("promtool", "test", "rules", tests);
        var cases = await File.ReadAllTextAsync(tests);
        var page = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "docs/operations.md"));
        var alerts = Alerts().Matches(await File.ReadAllTextAsync(rules)).Select(m => m.Groups["name"].Value).ToArray();
        Assert.True(alerts.Length > 10, $"{alerts.Length} alerts");
        foreach (var alert in alerts)
        {
            Assert.Contains($"- name: {alert} fires\n", cases, StringComparison.Ordinal);
            Assert.Contains($"- name: {alert} is silent\n", cases, StringComparison.Ordinal);
            Assert.Contains($"### {alert}\n", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_operator_s_resource_has_the_same_alerts()
    {
        static string Groups(string text) => text[text.IndexOf("groups:", StringComparison.Ordinal)..];
        var plain = Groups(await File.ReadAllTextAsync(Path.Combine(Folder, "rules.yaml")));
        var resource = Groups(await File.ReadAllTextAsync(Path.Combine(Folder, "prometheusrule.yaml")));
        Assert.Equal(plain, string.Join('\n', resource.Split('\n').Select(l => l.StartsWith("  ", StringComparison.Ordinal) ? l[2..] : l)));
    }

    [Fact]
    public async Task No_panel_of_the_dashboard_is_empty_and_what_the_service_tells_raises_an_alert()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = new ServiceProcess().With(
            ServiceProcess.Cluster("example", etcd.Endpoints, intervalInSecond: 30),
            ServiceProcess.Cluster("dead", ["http://127.0.0.1:1"], intervalInSecond: 30));
        service.Config["Notifications"] = new JsonObject
        {
            ["Webhooks"] = new JsonArray(new JsonObject { ["Url"] = "http://127.0.0.1:1/x" }),
        };
        service.Config["Clusters"]![0]!["backup"]!["log"] = new JsonObject { ["enabled"] = true };
        await service.StartAsync();
        await service.JsonAsync("/v1/clusters/default/example/backupnow");
        await using var prometheus = await PrometheusServer.StartAsync(
            Path.Combine(Folder, "rules.yaml"), service.Client.BaseAddress!.Authority);

        // A rate needs two scrapes with a run between them.
        await Workspace.UntilAsync(
            async () => (await prometheus.QueryAsync("etcdbackup_runs_total")).Count > 0, "the service is scraped");
        await etcd.CtlAsync("put", "key", "value");
        await service.JsonAsync("/v1/clusters/default/example/backupnow");
        var queries = Queries(JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "dashboard.json")))!).ToArray();
        Assert.True(queries.Length > 20, $"{queries.Length} queries");
        foreach (var (panel, query) in queries)
        {
            await Workspace.UntilAsync(async () => (await prometheus.QueryAsync(query)).Count > 0, $"'{panel}' shows something: {query}");
        }

        await Workspace.UntilAsync(
            async () => (await prometheus.QueryAsync("ALERTS{alertname=\"EtcdBackupFailing\",name=\"dead\"}")).Count == 1,
            "the failing cluster raises its alert");
        Assert.Empty(await prometheus.QueryAsync("ALERTS{name=\"example\"}"));

        // Who was never backed up has no age, so no other panel would show it.
        var never = await prometheus.QueryAsync(queries.Single(q => q.Panel.StartsWith("Never backed up", StringComparison.Ordinal)).Query);
        Assert.Equal("dead", Assert.Single(never).Labels.GetProperty("name").GetString());
    }

    // As Grafana fills them in.
    private static IEnumerable<(string Panel, string Query)> Queries(JsonNode dashboard) =>
        from panel in dashboard["panels"]!.AsArray()
        from target in panel!["targets"]!.AsArray()
        select (
            panel["title"]!.GetValue<string>(),
            target!["expr"]!.GetValue<string>().Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                .Replace("$namespace", ".*", StringComparison.Ordinal).Replace("$cluster", ".*", StringComparison.Ordinal));

    [GeneratedRegex(@"- alert: (?<name>\w+)")]
    private static partial Regex Alerts();
}

using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench.Picture;

/// <summary>Draws the dashboard as a page: each panel shows what its own queries answer, asked of a real Prometheus.</summary>
internal static class DashboardPicture
{
    private const string Rate = "1m";

    /// <summary>Lets the scene play, then writes the page, and prints its size for the browser.</summary>
    public static async Task RunAsync(int seconds, string file)
    {
        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "k8s/monitoring/dashboard.json")))!;
        await using var scene = await Scene.StartAsync();
        await using var prometheus = await PrometheusServer.StartAsync(
            Path.Combine(Workspace.Root, "k8s/monitoring/rules.yaml"), scene.Targets);
        var from = DateTimeOffset.UtcNow;
        await scene.PlayAsync(TimeSpan.FromSeconds(seconds));
        var (to, page) = (DateTimeOffset.UtcNow, new Page(dashboard["title"]!.GetValue<string>()));
        foreach (var panel in dashboard["panels"]!.AsArray().Select(p => new Panel(p!)))
        {
            var answers = new List<Series>();
            foreach (var (query, legend, isInstant) in panel.Queries)
            {
                var filled = query.Replace("$__rate_interval", Rate, StringComparison.Ordinal)
                    .Replace("$namespace", ".*", StringComparison.Ordinal).Replace("$cluster", ".*", StringComparison.Ordinal);
                answers.AddRange(isInstant
                    ? (await prometheus.QueryAsync(filled)).Select(
                        s => new Series(Plain(s.Labels), legend, [(to, Number.Parse(s.Value))]))
                    : (await prometheus.RangeAsync(filled, from, to, TimeSpan.FromSeconds(2))).Select(
                        s => new Series(Plain(s.Labels), legend, [.. s.Values.Select(v => (v.At, Number.Parse(v.Value)))])));
            }

            page.Add(panel, answers, from, to);
        }

        await File.WriteAllTextAsync(file, page.Html);
        Console.WriteLine(page.Size);

        // A store is called by its folder, and that of the scene has another name each time.
        JsonElement Plain(JsonElement labels) => JsonDocument.Parse(
            labels.GetRawText().Replace(scene.BackupDirectory, "/backups", StringComparison.Ordinal)).RootElement;
    }
}

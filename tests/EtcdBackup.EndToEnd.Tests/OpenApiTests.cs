using System.Text.Json;
using System.Text.RegularExpressions;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public sealed class IdleService : IAsyncLifetime
{
    public ServiceProcess Service { get; } = new();

    public async ValueTask InitializeAsync() => await Service.StartAsync();

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

/// <summary>The OpenAPI document and the page that shows it.</summary>
public partial class OpenApiTests(IdleService idle) : IClassFixture<IdleService>
{
    private const string Refresh = "curl -s http://127.0.0.1:19999/openapi/v1.json -o docs/openapi.json";

    // What a page with all that is on by default shows, here and on other hosts.
    private static readonly string[] Offers =
        ["Ask AI", "Developer Tools", "Configure", "Share", "Generate SDK", "Deploy", "Connect MCP", "Open API Client"];

    private ServiceProcess Service => idle.Service;

    [Fact]
    public async Task The_document_in_the_repository_is_the_served_one()
    {
        var kept = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "docs/openapi.json"));
        Assert.True(kept.TrimEnd() == await Service.Client.GetStringAsync("/openapi/v1.json"),
            $"the API is another one than docs/openapi.json says: while ./run runs, write it with '{Refresh}', and review what changed");
    }

    [Fact]
    public async Task A_linter_finds_neither_errors_nor_warnings_in_the_document()
    {
        var file = Service["openapi.json"];
        await File.WriteAllTextAsync(file, await Service.Client.GetStringAsync("/openapi/v1.json"));
        // The strict set has the recommended rules and fails on their warnings too. It must not look for updates, nor tell that it ran.
        await ChildProcess.RunAsync("env", "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "node",
            Path.Combine(Workspace.Cache, "redocly/node_modules/@redocly/cli/bin/cli.js"), "lint", file, "--extends=recommended-strict");
    }

    [Fact]
    public async Task Every_operation_has_a_name_and_every_json_answer_an_example()
    {
        var operations = (await Service.JsonAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(o => o.Value)).ToArray();
        Assert.Superset(
            new HashSet<string?> { "backupNow", "getBackup", "headBackup", "getStatus", "getClusterStatus", "listClusters", "listBackups" },
            operations.Select(o => o.GetProperty("operationId").GetString()).ToHashSet());
        var bodies = operations.SelectMany(o => o.GetProperty("responses").EnumerateObject())
            .Where(r => r.Value.TryGetProperty("content", out _))
            .SelectMany(r => r.Value.GetProperty("content").EnumerateObject())
            .Where(c => c.Name.EndsWith("json", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(bodies);
        Assert.All(bodies, b => Assert.True(b.Value.TryGetProperty("example", out _), b.Value.ToString()));
    }

    [Fact]
    public async Task The_page_asks_nobody_but_the_service_and_offers_nothing_of_its_maker()
    {
        var (netLog, messages) = (Service["net.json"], Service["messages"]);
        var page = await ChildProcess.RunAsync("sh", "-c",
            "exec chromium-headless-shell --no-sandbox --disable-gpu --disable-dev-shm-usage --virtual-time-budget=30000 --dump-dom " +
            """ "--user-data-dir=$0" "--log-net-log=$1" "$2" 2> "$3" """,
            Service["profile"], netLog, $"{Service.Client.BaseAddress}scalar/", messages);

        var texts = Text().Matches(page).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.Contains("List the clusters", texts);
        Assert.DoesNotContain(texts, t => Offers.Any(o => t.StartsWith(o, StringComparison.OrdinalIgnoreCase)));
        Assert.All(await RequestsAsync(netLog), url => Assert.StartsWith($"{Service.Client.BaseAddress}", url, StringComparison.Ordinal));
        // The browser tells what it refused: then the page has tried.
        Assert.DoesNotContain("Content Security Policy", await File.ReadAllTextAsync(messages), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_browser_is_told_to_refuse_what_is_not_of_the_service()
    {
        using var answer = await Service.GetAsync("/scalar/");
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'self'; script-src 'self' 'nonce-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.DoesNotContain("://", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<string[]> RequestsAsync(string netLog)
    {
        using var log = JsonDocument.Parse(await File.ReadAllTextAsync(netLog));
        string[] requests =
        [
            .. log.RootElement.GetProperty("events").EnumerateArray()
                .Select(e => e.TryGetProperty("params", out var p) && p.TryGetProperty("url", out var url) ? url.GetString()! : "")
                .Where(url => url.Contains("://", StringComparison.Ordinal)).Distinct(),
        ];
        Assert.NotEmpty(requests);
        return requests;
    }

    [GeneratedRegex(@">\s*([^<>]*[^<>\s])\s*<")]
    private static partial Regex Text();
}

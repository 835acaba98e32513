using System.Globalization;
using System.Text.Json;

namespace EtcdBackup.Testing;

/// <summary>A real Prometheus that scrapes each second.</summary>
public sealed class PrometheusServer : TestServer
{
    private readonly HttpClient _client = new();

    private PrometheusServer()
    {
    }

    protected override (string File, string[] Arguments) Command => (
        "prometheus",
        [$"--config.file={Directory["prometheus.yml"]}", $"--storage.tsdb.path={Directory["data"]}",
            $"--web.listen-address=127.0.0.1:{Port}"]);

    /// <summary>Starts it.</summary>
    /// <param name="rules">A file of alerts.</param>
    /// <param name="targets">Host and port of what it scrapes.</param>
    public static async Task<PrometheusServer> StartAsync(string rules, params IEnumerable<string> targets)
    {
        var server = new PrometheusServer();
        await File.WriteAllTextAsync(server.Directory["prometheus.yml"], $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: ["{{rules}}"]
            scrape_configs:
              - job_name: etcd-backup
                honor_labels: true
                static_configs: [{ targets: [{{string.Join(", ", targets.Select(t => $"\"{t}\""))}}] }]
            """);
        await server.UpAsync();
        return server;
    }

    /// <summary>What a query answers: each series' labels, and its value.</summary>
    public async Task<IReadOnlyList<(JsonElement Labels, string Value)>> QueryAsync(string query) =>
        [.. (await AskAsync(query, $"query?query={Uri.EscapeDataString(query)}"))
            .Select(r => (r.GetProperty("metric"), r.GetProperty("value")[1].GetString()!))];

    /// <summary>What a query answered at each step of a time: each series' labels, and its values.</summary>
    public async Task<IReadOnlyList<(JsonElement Labels, IReadOnlyList<(DateTimeOffset At, string Value)> Values)>> RangeAsync(
        string query, DateTimeOffset from, DateTimeOffset to, TimeSpan step)
    {
        var when = string.Create(
            CultureInfo.InvariantCulture, $"start={from.ToUnixTimeSeconds()}&end={to.ToUnixTimeSeconds()}&step={step.TotalSeconds}");
        return [.. (await AskAsync(query, $"query_range?query={Uri.EscapeDataString(query)}&{when}"))
            .Select(r => (r.GetProperty("metric"), (IReadOnlyList<(DateTimeOffset, string)>)[.. r.GetProperty("values").EnumerateArray()
                .Select(v => (DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(v[0].GetDouble()), v[1].GetString()!))]))];
    }

    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return base.DisposeAsync();
    }

    private async Task<JsonElement.ArrayEnumerator> AskAsync(string query, string path)
    {
        using var response = await _client.GetAsync($"http://127.0.0.1:{Port}/api/v1/{path}");
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
            : throw new InvalidOperationException($"{query}: {text}");
    }

    protected override async Task<bool> AnswersAsync() =>
        (await _client.GetAsync($"http://127.0.0.1:{Port}/-/ready")).IsSuccessStatusCode;
}

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
    public async Task<IReadOnlyList<(JsonElement Labels, string Value)>> QueryAsync(string query)
    {
        using var response = await _client.GetAsync($"http://127.0.0.1:{Port}/api/v1/query?query={Uri.EscapeDataString(query)}");
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? [.. JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
                .Select(r => (r.GetProperty("metric"), r.GetProperty("value")[1].GetString()!))]
            : throw new InvalidOperationException($"{query}: {text}");
    }

    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return base.DisposeAsync();
    }

    protected override async Task<bool> AnswersAsync() =>
        (await _client.GetAsync($"http://127.0.0.1:{Port}/-/ready")).IsSuccessStatusCode;
}

using System.Text.Json;

namespace EtcdBackup.Testing;

/// <summary>A real Alertmanager that passes on at once what fires and what is resolved.</summary>
public sealed class Alertmanager : TestServer
{
    private readonly HttpClient _client = new();

    private Alertmanager()
    {
    }

    public string Url => $"http://127.0.0.1:{Port}/am";

    protected override (string File, string[] Arguments) Command => (
        "prometheus-alertmanager",
        ["--config.file", Directory["config.yml"], "--storage.path", Directory["data"], "--web.listen-address", $"127.0.0.1:{Port}",
            "--web.route-prefix", "/am", "--cluster.listen-address", ""]);

    /// <param name="tells">The URL of a webhook that it tells.</param>
    public static async Task<Alertmanager> StartAsync(string tells)
    {
        var server = new Alertmanager();
        await File.WriteAllTextAsync(server.Directory["config.yml"], $"""
            route:
              receiver: test
              group_by: ['...']
              group_wait: 1s
              group_interval: 1s
            receivers:
            - name: test
              webhook_configs:
              - url: {tells}
                send_resolved: true
            """);
        await server.UpAsync();
        return server;
    }

    /// <summary>The alerts that fire.</summary>
    public async Task<JsonElement[]> AlertsAsync() =>
        [.. JsonDocument.Parse(await _client.GetStringAsync($"{Url}/api/v2/alerts")).RootElement.EnumerateArray()];

    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return base.DisposeAsync();
    }

    protected override async Task<bool> AnswersAsync() => (await _client.GetAsync($"{Url}/-/ready")).IsSuccessStatusCode;
}

using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>The service with two clusters and a file of tokens; each token has its own name.</summary>
internal static class TokenService
{
    public static JsonObject[] MineAndOther => [.. new[] { "mine", "other" }.Select(n =>
    {
        // Nobody listens there: who is let in gets an answer soon.
        var cluster = ServiceProcess.Cluster("example", ["http://127.0.0.1:1"]);
        cluster["namespace"] = n;
        return cluster;
    })];

    public static string Line(string token, string grants) => TokenLine.Of(token.Replace(':', '-'), token, grants);

    public static async Task<ServiceProcess> StartAsync(IEnumerable<string> lines, Action<ServiceProcess>? configure = null)
    {
        var service = new ServiceProcess().WithDashboard().With(MineAndOther);
        configure?.Invoke(service);
        await File.WriteAllLinesAsync(service["tokens"], [.. lines, Line("setup", "*")]);
        service.Config["Http"]!["TokenFile"] = service["tokens"];
        await StartAsync(service, "setup");
        return service;
    }

    public static async Task StartAsync(ServiceProcess service, string token, int clusters = 2)
    {
        await service.StartAsync(waitReady: false);
        await Workspace.UntilAsync(async () =>
        {
            Assert.False(service.Process.HasExited, service.Output);
            try
            {
                return (await service.GetAsync("/readyz")).IsSuccessStatusCode &&
                    (await JsonAsync(service, "/v1/clusters", token)).GetArrayLength() == clusters;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the service knows its clusters", 60);
    }

    public static async Task<JsonElement> JsonAsync(ServiceProcess service, string path, string token)
    {
        using var answer = await service.GetAsync(path, token: token);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}

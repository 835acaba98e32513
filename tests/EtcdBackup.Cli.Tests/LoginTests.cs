using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

public class LoginTests
{
    [Fact]
    public async Task A_context_has_the_address_the_token_and_the_authority()
    {
        using var certificates = new TestCertificates("localhost");
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", ["http://127.0.0.1:1"]));
        var port = Workspace.FreePorts(1)[0];
        await File.WriteAllLinesAsync(
            service["tokens"], [TokenLine.Of("all", "right", "*"), TokenLine.Of("none", "weak", "status@other/*")]);
        service.Config["Http"]!["Urls"] = $"https://127.0.0.1:{port}";
        service.Config["Http"]!["TokenFile"] = service["tokens"];
        service.Config["Http"]!["Tls"] = new JsonObject { ["CertFile"] = certificates.ServerCert, ["KeyFile"] = certificates.ServerKey };
        await service.StartAsync(waitReady: false);
        foreach (var token in new[] { "right", "weak", "wrong" })
        {
            await File.WriteAllTextAsync(service[token], token + "\n");
        }

        var address = $"https://localhost:{port}";
        var contexts = new JsonObject { ["none"] = new JsonObject { ["address"] = address, ["caFile"] = certificates.CaFile } };
        foreach (var name in new[] { "right", "weak", "wrong" })
        {
            contexts[name] = new JsonObject { ["address"] = address, ["tokenFile"] = name, ["caFile"] = certificates.CaFile };
        }

        contexts["stranger"] = new JsonObject { ["address"] = address, ["tokenFile"] = "right" };
        var file = new JsonObject { ["current"] = "right", ["contexts"] = contexts };
        await File.WriteAllTextAsync(service["contexts.json"], file.ToJsonString());
        await Workspace.UntilAsync(async () => (await RunAsync("clusters", "-o", "name")).Out == "default/example\n", "it is up");

        foreach (var (context, code, told) in new[]
        {
            ("none", 4, "ETCDBACKUP_TOKEN"), ("wrong", 4, "ETCDBACKUP_TOKEN"), ("weak", 4, "it needs status"),
            ("stranger", 3, "does not answer"), ("missing", 2, "it has none, right, weak, wrong, stranger"),
        })
        {
            var ended = await RunAsync("status", "default/example", "--context", context);
            Assert.True(ended.Code == code && ended.Error.Contains(told, StringComparison.Ordinal), $"{context}: {ended}");
        }

        Task<Ended> RunAsync(params string[] arguments) => CliService.RunAsync("", [.. arguments, "--config", service["contexts.json"]]);
    }
}

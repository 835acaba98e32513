using System.Net;
using System.Text.Json.Nodes;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>What the image and the compose file hold, as far as that can be tried without a container engine.</summary>
public class PackagingTests
{
    private static readonly string Compose = Path.Combine(Workspace.Cache, "kube-tools/usr/bin/docker-compose");

    [Fact]
    public async Task Published_it_runs_for_a_user_without_rights_on_a_read_only_file_system()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        using var scratch = new ScratchDirectory();
        await ChildProcess.RunAsync(
            "dotnet", "publish", Path.Combine(Workspace.Root, "src/EtcdBackup.Host"), "-c", "Release", "--no-build", "-v", "quiet",
            "-nologo", "-o", scratch["app"]);
        var (data, empty) = (Directory.CreateDirectory(scratch["data"]).FullName, Directory.CreateDirectory(scratch["empty"]).FullName);
        var port = Workspace.FreePorts(1)[0];
        var config = new JsonObject
        {
            ["Http"] = new JsonObject { ["Urls"] = $"http://127.0.0.1:{port}" },
            ["DataDirectory"] = data,
            ["Clusters"] = new JsonArray(ServiceProcess.Cluster("example", etcd.Endpoints)),
        };
        await File.WriteAllTextAsync(scratch["config.json"], config.ToJsonString());

        // As the pod has it: its data directory and /tmp to write to, all else read-only, and no rights.
        var script = $"""
            chmod 755 {scratch.Path} && mount --bind {data} {data} &&
                chown 1654:1654 {data} && mount -o remount,ro,bind / / && mount -t tmpfs -o mode=1777 tmpfs /mnt && cd {empty} &&
            exec setpriv --pdeathsig KILL --reuid 1654 --regid 1654 --clear-groups --no-new-privs --bounding-set -all \
                env -i PATH=$PATH TMPDIR=/mnt DOTNET_EnableDiagnostics=0 \
                dotnet {scratch["app"]}/EtcdBackup.Host.dll --config {scratch["config.json"]}
            """;
        await using var service = ChildProcess.Start("unshare", ["--mount", "sh", "-c", script]);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Workspace.UntilAsync(async () =>
        {
            try
            {
                return !service.HasExited ? (await client.GetAsync("/v1/backupnow")).StatusCode == HttpStatusCode.OK
                    : throw new InvalidOperationException(service.Output);
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "it answers");
        Assert.Single(Directory.GetFiles(Path.Combine(data, "backups/v1/default/example"), "*_etcd.backup"));
        Assert.Empty(Directory.GetFileSystemEntries(empty));
    }

    [Fact]
    public async Task The_compose_file_is_valid_and_the_service_takes_its_configuration()
    {
        var json = JsonNode.Parse(
            await ChildProcess.RunAsync(Compose, "-f", Path.Combine(Workspace.Root, "docker-compose.yml"), "config", "--format", "json"))!;
        Assert.Superset(new HashSet<string> { "etcd0", "etcd1", "etcd2", "redis", "s3", "silo0", "silo1", "prometheus", "grafana" },
            json["services"]!.AsObject().Select(s => s.Key).ToHashSet());
        using var scratch = new ScratchDirectory();
        await File.WriteAllTextAsync(scratch["config.json"], json["configs"]!["silo"]!["content"]!.GetValue<string>());
        Assert.Equal("example", Assert.Single(SettingsReader.Read(new StartOptions(scratch["config.json"], [])).Settings.Clusters).Name);
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class LogTests
{
    [Fact]
    public async Task A_cluster_that_fails_is_told_ever_less_often_then_its_recovery_and_each_backup_in_one_line_of_JSON()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.StopMemberAsync(0);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        service.Config["Logging"] = new JsonObject { ["Console"] = new JsonObject { ["FormatterName"] = "json" } };
        await service.StartAsync();
        for (var i = 0; i < 9; i++)
        {
            (await service.Client.GetAsync("/v1/backupnow")).Dispose();
        }

        var failures = (await service.JsonAsync("/v1/clusters"))[0].GetProperty("failuresInRow").GetInt32();
        etcd.StartMember(0);
        await Workspace.UntilAsync(
            async () => (await service.Client.GetAsync("/v1/backupnow")).IsSuccessStatusCode, "the cluster is there, and is backed up");
        await Workspace.UntilAsync(
            () => Task.FromResult(service.Output.Contains("succeed again", StringComparison.Ordinal)), "the recovery is logged");

        // The program that starts it writes some lines of its own.
        var lines = service.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        var told = lines.Select(l => l.GetProperty("State"))
            .Where(s => s.TryGetProperty("Why", out _) && s.TryGetProperty("Failures", out _))
            .Select(s => s.GetProperty("Failures").GetInt32()).ToArray();
        Assert.True(failures >= 9, $"{failures} failures");
        Assert.Equal([1, 2, 4, 8], told.Take(4));
        var taken = Assert.Single(lines, l => l.GetProperty("Message").GetString()!.Contains(": backup 3.", StringComparison.Ordinal));
        Assert.Equal("Information", taken.GetProperty("LogLevel").GetString());
        string[] parts = ["Cluster", "Backup", "Revision", "Version", "Bytes", "StoredBytes", "Member", "Store", "Proof", "Seconds"];
        foreach (var part in parts)
        {
            Assert.True(taken.GetProperty("State").TryGetProperty(part, out _), $"{part} is not in {taken}");
        }

        Assert.DoesNotContain("   at ", service.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Clusters": "none", "Logging": { "Console": { "FormatterName": "json" } } }""", "", 78, "Clusters is one text")]
    [InlineData("{ broken", "json", 78, "no valid JSON")]
    [InlineData("{}", "json", 70, "cannot listen")]
    public async Task Why_it_does_not_start_is_one_line_of_JSON_like_all_others(string config, string format, int code, string why)
    {
        using var directory = new ScratchDirectory();
        await File.WriteAllTextAsync(directory["config.json"], config);
        using var other = new TcpListener(IPAddress.Loopback, Workspace.FreePorts(1)[0]);
        other.Start();
        await using var service = ChildProcess.Start("dotnet",
            [ServiceProcess.ProgramFile, "--config", directory["config.json"], $"--DataDirectory={directory["data"]}",
                $"--Http:Urls=http://{other.LocalEndpoint}"],
            format == "" ? null : new Dictionary<string, string> { ["Logging__Console__FormatterName"] = format });
        await service.WaitForExitAsync();
        Assert.Equal(code, service.ExitCode);
        await Workspace.UntilAsync(() => Task.FromResult(service.Output.Contains(why, StringComparison.Ordinal)), "it says why");
        var line = JsonDocument.Parse(Assert.Single(service.Output.Split('\n'))).RootElement;
        Assert.Contains(why, line.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Equal("Critical", line.GetProperty("LogLevel").GetString());
        Assert.EndsWith("Z ", line.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_format_is_refused()
    {
        await using var service = new ServiceProcess();
        service.Config["Logging"] = new JsonObject { ["Console"] = new JsonObject { ["FormatterName"] = "xml" } };
        await service.StartAsync(waitReady: false);
        await Workspace.UntilAsync(() => Task.FromResult(service.Process.HasExited), "the service ends");
        Assert.Equal(78, service.Process.ExitCode);
        var problem = "FormatterName is 'xml': allowed are simple, json, systemd";
        await Workspace.UntilAsync(() => Task.FromResult(service.Output.Contains(problem, StringComparison.Ordinal)), "it says why");
    }
}

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

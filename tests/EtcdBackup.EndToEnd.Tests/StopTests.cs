using System.Net;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>How the process ends, and what it says then.</summary>
public class StopTests
{
    [Fact]
    public async Task A_grace_of_more_than_half_a_minute_is_one()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 4, 1024 * 1024);
        using var proxy = new FaultProxy(etcd.Endpoints[0]);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", [proxy.Url]));
        service.Config["Backups"]!["GraceInSecond"] = 300;
        service.Config["Backups"]!["SilenceTimeoutInSecond"] = 300;
        service.Config["Backups"]!["ProbeTimeoutInSecond"] = 300;
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        await etcd.PutAsync("/b", 1);

        // Held until forty seconds after it was told to stop: longer than the half minute that .NET and Orleans give by themselves.
        var go = new TaskCompletionSource();
        proxy.OnServerBytes = (_, total, _) => total > 1024 * 1024 ? go.Task : Task.CompletedTask;
        var running = service.GetAsync("/v1/backupnow");
        await Workspace.UntilAsync(async () => (await service.JsonAsync("/v1/status")).TryGetProperty("running", out var r)
            && r.GetProperty("stage").GetString() == "streaming", "it runs");
        service.Process.Signal("TERM");
        await Workspace.UntilAsync(async () => (await service.GetAsync("/readyz")).StatusCode == HttpStatusCode.ServiceUnavailable,
            "not ready");
        await Task.Delay(TimeSpan.FromSeconds(40));
        Assert.False(service.Process.HasExited);
        go.SetResult();
        using var answer = await running;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await service.Process.WaitForExitAsync();
        Assert.Equal(0, service.Process.ExitCode);
    }

    [Fact]
    public async Task A_service_that_cannot_listen_ends_with_a_failure()
    {
        await using var one = await new ServiceProcess().StartAsync();
        await using var two = new ServiceProcess();
        two.Config["Http"]!["Urls"] = one.Config["Http"]!["Urls"]!.GetValue<string>();
        await two.StartAsync(waitReady: false);
        await two.Process.WaitForExitAsync();
        Assert.Equal(70, two.Process.ExitCode);
        await Workspace.UntilAsync(() => Task.FromResult(two.Output.Contains("Address already in use", StringComparison.Ordinal)),
            "it says why");
        Assert.DoesNotContain("   at ", two.Output, StringComparison.Ordinal);
    }
}

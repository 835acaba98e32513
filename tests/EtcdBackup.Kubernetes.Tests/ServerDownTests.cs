using System.Net;
using EtcdBackup.Testing;

namespace EtcdBackup.Kubernetes.Tests;

/// <summary>A server of its own, for whoever stops it.</summary>
public sealed class OwnServer : IAsyncLifetime
{
    public KubeFixture Kube { get; } = new();

    public ValueTask InitializeAsync() => Kube.InitializeAsync();

    public ValueTask DisposeAsync() => Kube.DisposeAsync();
}

/// <summary>The API server is away for a while. No other test may look at it then.</summary>
public sealed class ServerDownTests(OwnServer own) : IClassFixture<OwnServer>
{
    [Fact]
    public async Task While_the_API_server_is_away_backups_go_on_and_what_was_missed_is_made_up_for()
    {
        var kube = own.Kube;
        var ns = await kube.NamespaceAsync();
        await using var service = await kube.Service(ns).StartAsync();
        var stays = kube.Policy(ns, "stays", KubeFixture.Backup(intervalInSecond: 2));
        var goes = kube.Policy(ns, "goes", KubeFixture.Backup());
        await kube.ApplyAsync(stays);
        await kube.ApplyAsync(goes);
        await kube.UntilConditionAsync(stays, "BackupSucceeded", "True");
        await kube.UntilConditionAsync(goes, "BackupSucceeded", "True");

        await kube.Server.DownAsync();
        var down = DateTimeOffset.UtcNow;
        await Workspace.UntilAsync(async () => (await KubeFixture.RunsAsync(service, ns, "stays")).Any(r => r.GetProperty("startedAt")
            .GetDateTimeOffset() > down), "backups go on");
        await Workspace.UntilAsync(async () => (await (await service.GetAsync("/readyz")).Content.ReadAsStringAsync())
            .Contains("API server", StringComparison.OrdinalIgnoreCase)
            || (await service.GetAsync("/readyz")).StatusCode == HttpStatusCode.OK, "it stays ready");
        Assert.Equal(2, (await service.JsonAsync("/v1/clusters")).GetArrayLength());

        // Old versions are forgotten meanwhile: the next watch has to begin with a list.
        await kube.Server.UpAsync();
        await kube.DeleteAsync(goes);
        var comes = kube.Policy(ns, "comes", KubeFixture.Backup());
        await kube.ApplyAsync(comes);
        await kube.UntilConditionAsync(comes, "BackupSucceeded", "True");
        await Workspace.UntilAsync(async () => (await KubeFixture.RegisteredAsync(service)) is ["comes", "stays"],
            "the deleted one is gone");
    }
}

using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Snapshots;
using EtcdBackup.Testing;
using Etcdserverpb;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>A cluster whose changes are recorded, and what can be asked of it.</summary>
internal sealed class LoggedCluster(EtcdServers etcd, ServiceProcess service) : IAsyncDisposable
{
    public ServiceProcess Service => service;

    public static async Task<LoggedCluster> StartAsync(EtcdServers etcd, Action<ServiceProcess>? change = null)
    {
        var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        change?.Invoke(service);
        return await StartAsync(etcd, service);
    }

    /// <summary>Starts a service that has one cluster, with a log.</summary>
    public static async Task<LoggedCluster> StartAsync(EtcdServers etcd, ServiceProcess service)
    {
        Record(service.Config["Clusters"]![0]!);
        var cluster = new LoggedCluster(etcd, await service.StartAsync());
        await cluster.UntilRecordedAsync();
        return cluster;
    }

    /// <summary>Says in a cluster's spec that its changes are recorded.</summary>
    public static JsonNode Record(JsonNode cluster)
    {
        cluster["backup"]!["log"] = new JsonObject { ["enabled"] = true, ["sealInSecond"] = 1 };
        return cluster;
    }

    public Task<JsonElement> RecoverableAsync() => service.JsonAsync("/v1/clusters/default/example/recoverable");

    /// <summary>Waits until the log has all that the cluster has.</summary>
    public Task UntilRecordedAsync() => Workspace.UntilAsync(
        async () =>
        {
            var revision = await etcd.RevisionAsync();
            using var answer = await service.GetAsync("/v1/clusters/default/example/recoverable");
            if (!answer.IsSuccessStatusCode)
            {
                // its silo died, or the store is away
                return false;
            }

            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).TryGetProperty("log", out var log) &&
                !log.TryGetProperty("problem", out _) &&
                log.GetProperty("received").GetInt64() == revision && log.GetProperty("stored").GetInt64() == revision;
        },
        "all is recorded");

    /// <summary>The first and the last revision of each window, newest first.</summary>
    public async Task<(long From, long To)[]> WindowsAsync() =>
        [.. (await RecoverableAsync()).GetProperty("windows").EnumerateArray().Select(w => (
            w.GetProperty("from").GetProperty("revision").GetInt64(), w.GetProperty("to").GetProperty("revision").GetInt64()))];

    public async Task<string> VersionAsync() =>
        (await service.JsonAsync("/v1/status")).GetProperty("recentBackup").GetProperty("version").GetString()!;

    public async Task<string> AtAsync(long revision) =>
        await service.DownloadAsync($"/v1/backup?etcdVersion={await VersionAsync()}&etcdRevision={revision}");

    /// <summary>Whether a backup holds at its end what the live member held at that revision.</summary>
    public async Task AssertIsLiveAsync(string file, long revision)
    {
        using var channel = etcd.Channel();
        var live = await new Maintenance.MaintenanceClient(channel).HashKVAsync(new HashKVRequest { Revision = revision });
        var report = SnapshotInspector.InspectContent(file, Math.Max(0, live.CompactRevision));
        Assert.Equal((revision, live.Hash), (report.Revision, report.Content!.HashKv));
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();
}

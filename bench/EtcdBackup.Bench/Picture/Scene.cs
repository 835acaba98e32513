using System.Text.Json.Nodes;
using EtcdBackup.Testing;
using Etcdserverpb;

namespace EtcdBackup.Bench.Picture;

/// <summary>Two silos that back up real etcd clusters, not all of which are well.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private static readonly int[] Members = [1, 1, 3, 1, 1];

    private readonly EtcdServers _payments, _orders, _search, _web, _archive;
    private readonly RedisServer _redis;
    private readonly WebhookReceiver _chat, _pager;
    private readonly SiloCluster _silos;

    private Scene(EtcdServers[] etcds, RedisServer redis, WebhookReceiver chat, WebhookReceiver pager)
    {
        (_payments, _orders, _search, _web, _archive) = (etcds[0], etcds[1], etcds[2], etcds[3], etcds[4]);
        (_redis, _chat, _pager) = (redis, chat, pager);
        _silos = new SiloCluster(2, "Redis", redis.ConnectionString,
            ServiceProcess.Cluster("payments", _payments.Endpoints, 10, maxBackups: 20, @namespace: "prod"),
            ServiceProcess.Cluster("orders", _orders.Endpoints, 15, maxBackups: 20, @namespace: "prod"),
            ServiceProcess.Cluster("search", _search.Endpoints, 20, @namespace: "prod"),
            ServiceProcess.Cluster("web", _web.Endpoints, 10, @namespace: "staging"),
            ServiceProcess.Cluster("new", ["http://127.0.0.1:1"], 30, @namespace: "staging"),
            ServiceProcess.Cluster("archive", _archive.Endpoints, 20));
        foreach (var silo in _silos.Silos)
        {
            silo.Config["Notifications"] = new JsonObject
            {
                ["LookEveryInSecond"] = 5,
                ["Webhooks"] = new JsonArray(
                    new JsonObject { ["Url"] = chat.Url },
                    new JsonObject { ["Url"] = pager.Url, ["Format"] = "Alertmanager" }),
                ["Heartbeats"] = new JsonArray(new JsonObject { ["Url"] = chat.Url, ["FailSuffix"] = "/fail", ["EveryInSecond"] = 10 }),
            };
        }
    }

    /// <summary>What Prometheus scrapes.</summary>
    public IEnumerable<string> Targets => _silos.Silos.Select(s => s.Client.BaseAddress!.Authority);

    public string BackupDirectory => _silos.BackupDirectory;

    public static async Task<Scene> StartAsync()
    {
        var etcds = await Task.WhenAll(Members.Select(members => EtcdServers.StartAsync(members: members)));
        var scene = new Scene(
            etcds, await RedisServer.StartAsync(), await WebhookReceiver.StartAsync(), await WebhookReceiver.StartAsync());
        await Task.WhenAll(etcds.Select(e => e.PutAsync("/first", 100, 2000)));
        await scene._silos.StartAsync();
        return scene;
    }

    /// <summary>Plays it: people write, and things go wrong one after the other.</summary>
    public async Task PlayAsync(TimeSpan length)
    {
        using var end = new CancellationTokenSource(length);
        var acts = Task.WhenAll(
            AtAsync(0.12, () => _web.KillAsync(0)),
            AtAsync(0.25, () => _search.KillAsync(2)),
            AtAsync(0.3, () => Task.FromResult(_pager.Answering(503))),
            AtAsync(0.35, DamageAsync),
            AtAsync(0.45, () => _archive.AlarmAsync(AlarmType.Nospace)),
            AtAsync(0.65, () => Task.Run(() => _search.StartMember(2))),
            AtAsync(0.7, () => Task.FromResult(_pager.Answering(200))));
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            await _payments.PutAsync($"/payments/{i}", 20, 3000, seed: i);
            await _orders.PutAsync($"/orders/{i % 40}", 20, 1500, seed: i);
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        await acts;

        async Task AtAsync(double part, Func<Task> act)
        {
            await Task.Delay(length * part);
            await act();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _silos.DisposeAsync();
        await _redis.DisposeAsync();
        foreach (var etcd in new[] { _payments, _orders, _search, _web, _archive })
        {
            await etcd.DisposeAsync();
        }

        await _chat.DisposeAsync();
        await _pager.DisposeAsync();
    }

    // A disk turns one bit, and somebody has the backup read back.
    private async Task DamageAsync()
    {
        const string Path = "/v1/clusters/default/archive/backups";
        var name = (await _silos.Silos[0].JsonAsync(Path)).GetProperty("items")[0].GetProperty("name").GetString()!;
        var file = Directory.GetFiles(BackupDirectory, name, SearchOption.AllDirectories)
            .Single(f => f.Contains("archive", StringComparison.Ordinal));
        var (bytes, written) = (await File.ReadAllBytesAsync(file), File.GetLastWriteTimeUtc(file));
        bytes[60_000] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        File.SetLastWriteTimeUtc(file, written);
        (await _silos.Silos[0].Client.PostAsync($"{Path}/{name}/verify", null)).Dispose();
    }
}

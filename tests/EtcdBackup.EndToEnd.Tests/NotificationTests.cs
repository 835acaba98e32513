using System.Text.Json.Nodes;
using EtcdBackup.Testing;
using Etcdserverpb;
using Microsoft.Data.Sqlite;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Who is told what, by the service as its users run it.</summary>
public sealed class NotificationTests : IAsyncDisposable
{
    private static readonly string Nowhere = $"http://127.0.0.1:{Workspace.FreePorts(1)[0]}";

    private readonly ServiceProcess _service = new();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_failing_cluster_is_told_once_also_over_a_restart_and_so_is_its_recovery()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        _service.With(ServiceProcess.Cluster("example", [Nowhere]));
        Tell(new JsonObject { ["Url"] = receiver.Url });
        await _service.StartAsync();
        var failed = (await receiver.UntilAsync(1))[0];
        Assert.Equal(("failed", "default/example"), (failed.Type, failed.Headers["ce-subject"]));
        Assert.Equal(3, failed.Json.GetProperty("failuresInRow").GetInt32());
        Assert.Contains("EtcdFailed", failed.Json.GetProperty("message").GetString(), StringComparison.Ordinal);

        // Killed before it saved that this was accepted, it would tell it once more, with the same id.
        await UntilAsync(async () => !(await SavedAsync()).Contains("EtcdFailed", StringComparison.Ordinal), "nothing is left to tell");
        await _service.KillAsync();
        await _service.StartAsync();
        await UntilAsync(async () => (await LineAsync()).GetProperty("failuresInRow").GetInt32() >= 5, "it failed again and again");
        Assert.Single(receiver.Received);

        ((JsonArray)_service.Config["Clusters"]!)[0]!["endpoints"] = new JsonArray(etcd.Endpoints[0]);
        _service.WriteConfig();
        var recovered = (await receiver.UntilAsync(2))[1];
        Assert.Equal("recovered", recovered.Type);
        Assert.Equal(failed.Json.GetProperty("problem").GetProperty("id").GetString(),
            recovered.Json.GetProperty("problem").GetProperty("id").GetString());
        Assert.Equal(2, receiver.Received.Count);
    }

    [Fact]
    public async Task Damage_and_alarms_are_told_and_end_when_they_are_gone()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 10, 10_000);
        await using var receiver = await WebhookReceiver.StartAsync();
        await etcd.AlarmAsync(AlarmType.Nospace, 0);
        _service.With(ServiceProcess.Cluster("example", etcd.Endpoints));
        Tell(new JsonObject { ["Url"] = receiver.Url });
        await _service.StartAsync();
        var name = (await _service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString()!;
        await receiver.UntilAsync(r => r.Any(w => w.Type == "alarm"), "the alarm is told");
        Assert.Contains("NOSPACE", receiver.Received[0].Json.GetProperty("message").GetString(), StringComparison.Ordinal);

        await etcd.CtlAsync("alarm", "disarm");
        var file = Directory.GetFiles(_service.BackupDirectory, name, SearchOption.AllDirectories).Single();
        await using (var damaged = File.OpenWrite(file))
        {
            damaged.Position = 8192;
            await damaged.WriteAsync(new byte[4096]);
        }

        await _service.Client.PostAsync($"/v1/clusters/default/example/backups/{name}/verify", null);
        await receiver.UntilAsync(r => r.Any(w => w.Type == "damaged"), "the damage is told");
        var told = receiver.Received.Single(w => w.Type == "damaged").Json.GetProperty("problem");
        Assert.Equal(name, told.GetProperty("subject").GetString());

        await UntilAsync(async () =>
            (await _service.Client.DeleteAsync($"/v1/clusters/default/example/backups/{name}")).IsSuccessStatusCode, "it may be deleted");
        await etcd.PutAsync("/b", 1);
        await _service.JsonAsync("/v1/backupnow");
        await receiver.UntilAsync(r => r.Count(w => w.Type == "recovered") == 2, "both are over");
        Assert.Equal(4, receiver.Received.Count);
    }

    // A cluster that nobody could run a backup of, and one receiver that hangs: the other knows.
    [Fact]
    public async Task A_stale_cluster_is_told_while_a_receiver_hangs_and_each_gets_what_it_asked_for()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var hangs = await WebhookReceiver.StartAsync();
        hangs.Answer = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var stale = await WebhookReceiver.StartAsync();
        await using var others = await WebhookReceiver.StartAsync();
        _service.With(ServiceProcess.Cluster("dead", [Nowhere], intervalInSecond: 1), ServiceProcess.Cluster("well", etcd.Endpoints));
        Tell(
            new JsonObject { ["Url"] = hangs.Url },
            new JsonObject { ["Url"] = stale.Url, ["Events"] = new JsonArray("Stale"), ["Clusters"] = new JsonArray("default/d*") },
            new JsonObject { ["Url"] = others.Url, ["Clusters"] = new JsonArray("default/well", "other/*") });
        await _service.StartAsync();
        Assert.Equal(("stale", "default/dead"), ((await stale.UntilAsync(1))[0].Type, stale.Received[0].Headers["ce-subject"]));
        await hangs.UntilAsync(2);
        for (var i = 0; i < 3; i++)
        {
            await etcd.PutAsync($"/b{i}", 1);
            Assert.True((await _service.GetAsync("/v1/clusters/default/well/backupnow")).IsSuccessStatusCode);
        }

        Assert.Empty(others.Received);
        Assert.Single(stale.Received);
    }

    [Fact]
    public async Task A_real_Alertmanager_fires_while_the_problem_lasts_and_resolves_it_at_its_end()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var told = await WebhookReceiver.StartAsync();
        await using var alertmanager = await Alertmanager.StartAsync(told.Url);
        _service.With(ServiceProcess.Cluster("example", [Nowhere]));
        Tell(new JsonObject { ["Url"] = alertmanager.Url, ["Format"] = "Alertmanager", ["Events"] = new JsonArray("Failed") });
        await _service.StartAsync();
        await UntilAsync(async () => (await alertmanager.AlertsAsync()).Length == 1, "it fires");
        var alert = (await alertmanager.AlertsAsync())[0];
        Assert.Equal(
            ("EtcdBackupFailed", "default", "example", "warning"),
            (Label("alertname"), Label("namespace"), Label("cluster"), Label("severity")));
        Assert.Equal("active", alert.GetProperty("status").GetProperty("state").GetString());

        // Known anew to a notifier that was restarted, it is the same alert.
        await _service.KillAsync();
        await _service.StartAsync();
        await UntilAsync(async () => (await LineAsync()).GetProperty("failuresInRow").GetInt32() >= 5, "it failed again and again");
        Assert.Equal(alert.GetProperty("fingerprint").GetString(),
            Assert.Single(await alertmanager.AlertsAsync()).GetProperty("fingerprint").GetString());

        ((JsonArray)_service.Config["Clusters"]!)[0]!["endpoints"] = new JsonArray(etcd.Endpoints[0]);
        _service.WriteConfig();
        await told.UntilAsync(r => r.Any(w => w.Json.GetProperty("status").GetString() == "resolved"), "it is resolved");
        Assert.Empty(await alertmanager.AlertsAsync());

        string? Label(string name) => alert.GetProperty("labels").GetProperty(name).GetString();
    }

    private static Task UntilAsync(Func<Task<bool>> condition, string what) => Workspace.UntilAsync(condition, what);

    private async Task<string> SavedAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={_service["data/state.db"]};Mode=ReadOnly");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT CAST(PayloadBinary AS TEXT) FROM OrleansStorage WHERE GrainIdExtensionString LIKE '%notifier%'";
        var state = (string)(await command.ExecuteScalarAsync())!;
        return JsonNode.Parse(state)!["Unsent"]!.ToJsonString();
    }

    private async Task<System.Text.Json.JsonElement> LineAsync() => (await _service.JsonAsync("/v1/clusters"))[0];

    private void Tell(params JsonObject[] webhooks) => _service.Config["Notifications"] = new JsonObject
    {
        ["LookEveryInSecond"] = 1,
        ["Webhooks"] = new JsonArray([.. webhooks]),
    };
}

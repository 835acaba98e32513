using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Several silos tell as one.</summary>
public class NotifyingSilosTests
{
    private static readonly string Nowhere = $"http://127.0.0.1:{Workspace.FreePorts(1)[0]}";

    [Fact]
    public async Task Each_problem_is_told_once_by_all_silos_together_and_the_other_goes_on_when_one_dies()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var cluster = new SiloCluster(2, "Redis", redis.ConnectionString,
            Enumerable.Range(0, 12).Select(i => ServiceProcess.Cluster($"dead{i}", [Nowhere])).Append(
                ServiceProcess.Cluster("well", etcd.Endpoints, @namespace: "prod")));
        foreach (var silo in cluster.Silos)
        {
            silo.Config["Notifications"] = new JsonObject
            {
                ["LookEveryInSecond"] = 1,
                ["Webhooks"] = new JsonArray(new JsonObject { ["Url"] = receiver.Url + "/hook" }),
                ["Heartbeats"] = new JsonArray(new JsonObject
                {
                    ["Url"] = receiver.Url + "/beat",
                    ["Clusters"] = new JsonArray("prod/*"),
                    ["EveryInSecond"] = 1,
                }),
            };
        }

        await cluster.StartAsync();
        await receiver.UntilAsync(r => Hooks(r).Count() >= 12, "all failures are told");
        await receiver.UntilAsync(r => r.Any(w => w.Path == "/beat"), "the heartbeat is sent");
        var notifier = cluster.Silos.First(s => s.Output.Contains("The notifier runs on", StringComparison.Ordinal));
        var other = cluster.Silos.Single(s => s != notifier);

        // More failures, and then the silo that tells them dies.
        await Workspace.UntilAsync(
            async () => (await SiloCluster.LinesAsync(other)).Where(l => l.GetProperty("namespace").GetString() == "default")
                .All(l => l.GetProperty("failuresInRow").GetInt32() >= 5), "they failed again");
        Assert.Equal(12, Hooks(receiver.Received).Count());
        notifier.Process.Signal("KILL");
        await notifier.Process.WaitForExitAsync();
        other.Config["Clusters"]!.AsArray().First(c => c!["name"]!.GetValue<string>() == "dead0")!["endpoints"] =
            new JsonArray(etcd.Endpoints[0]);
        other.WriteConfig();
        await receiver.UntilAsync(r => Hooks(r).Any(w => w.Type == "recovered"), "the recovery is told");
        var beats = receiver.Received.Count(w => w.Path == "/beat");
        await receiver.UntilAsync(r => r.Count(w => w.Path == "/beat") > beats, "the heartbeat goes on");

        // What was told shortly before the end may come again, with the same id.
        var ids = Hooks(receiver.Received).Select(h => h.Id).Distinct().ToArray();
        Assert.Equal(13, ids.Length);
        Assert.Equal(12, ids.Count(i => i.EndsWith("/1", StringComparison.Ordinal)));
    }

    private static IEnumerable<ReceivedWebhook> Hooks(IEnumerable<ReceivedWebhook> received) => received.Where(w => w.Path == "/hook");
}

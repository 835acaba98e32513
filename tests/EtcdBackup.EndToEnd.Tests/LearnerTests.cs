using System.Text.Json;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class LearnerTests
{
    [Theory]
    [InlineData("trixie")]
    [InlineData("forky")]
    public async Task A_learner_gives_the_snapshot_when_it_is_preferred_and_a_voter_confirms_it(string suite)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.PutAsync("/a", 20);
        await using var learner = await EtcdLearner.StartAsync(etcd, suite);
        var cluster = ServiceProcess.Cluster("example", [.. etcd.Endpoints, learner.Endpoint]);
        await using var service = await new ServiceProcess().With(cluster).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        Assert.Equal(new Uri(etcd.Endpoints[0]).Authority, (await MetadataAsync(service)).GetProperty("member").GetString());

        cluster["backup"]!["preferLearner"] = true;
        service.Config["Clusters"] = new System.Text.Json.Nodes.JsonArray(cluster.DeepClone());
        service.WriteConfig();
        await etcd.PutAsync("/b", 5);
        await learner.UntilAtAsync(await etcd.RevisionAsync());
        await Workspace.UntilAsync(async () =>
        {
            await etcd.PutAsync("/c", 1);
            await learner.UntilAtAsync(await etcd.RevisionAsync());
            await service.JsonAsync("/v1/backupnow");
            return (await MetadataAsync(service)).GetProperty("member").GetString() == new Uri(learner.Endpoint).Authority;
        }, "the changed configuration is in force");
        Assert.Equal("matched", (await MetadataAsync(service)).GetProperty("proof").GetProperty("result").GetString());
        Assert.Equal(await etcd.RevisionAsync(), await Restore.RevisionAsync(await service.DownloadAsync()));
    }

    [Fact]
    public async Task When_no_voter_answers_a_learner_gives_what_it_has()
    {
        await using var etcd = await EtcdServers.StartAsync(members: 1);
        await etcd.PutAsync("/a", 20);
        await using var learner = await EtcdLearner.StartAsync(etcd);
        var revision = await etcd.RevisionAsync();
        await etcd.KillAsync(0);
        await using var service = await new ServiceProcess()
            .With(ServiceProcess.Cluster("example", [.. etcd.Endpoints, learner.Endpoint])).StartAsync();

        // By the schedule; for another one nobody could say whether the cluster went on.
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32() == 1, "the first backup");
        Assert.Equal(revision, await Restore.RevisionAsync(await service.DownloadAsync()));
    }

    private static async Task<JsonElement> MetadataAsync(ServiceProcess service) =>
        (await service.JsonAsync("/v1/clusters/default/example/backups")).GetProperty("items")[0].GetProperty("metadata");
}

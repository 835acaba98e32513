using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Silos whose files differ.</summary>
public class RemovalAcrossSilosTests
{
    [Fact]
    public async Task Two_silos_with_different_files_do_not_fight_and_an_older_one_removes_nothing()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(2, "Redis", redis.ConnectionString, ServiceProcess.Cluster("both", etcd.Endpoints, 1800),
            ServiceProcess.Cluster("new", etcd.Endpoints));
        var (newer, older) = (cluster.Silos[0], cluster.Silos[1]);
        foreach (var silo in cluster.Silos)
        {
            silo.Config["Removal"] = new JsonObject { ["GraceInSecond"] = 60, ["BackupsGraceInSecond"] = 1 };
        }

        older.Config["Clusters"]![0]!["backup"]!["backupIntervalInSecond"] = 900;
        RemovalTests.Take(older, "new");
        await newer.StartAsync();
        await older.StartAsync(waitReady: false);
        await Workspace.UntilAsync(() => Task.FromResult(older.Output.Contains("This silo owns", StringComparison.Ordinal)),
            "the other silo takes part");
        File.SetLastWriteTimeUtc(older.ConfigFile, DateTime.UtcNow.AddDays(-1));
        await older.UntilServingAsync();
        await Task.Delay(RemovalTests.LongAfter);
        var before = Configured();
        await Task.Delay(TimeSpan.FromSeconds(90));

        Assert.Equal(["both", "new"], (await SiloCluster.LinesAsync(newer)).Select(l => l.GetProperty("name").GetString()!));
        Assert.All(await SiloCluster.LinesAsync(older), l => Assert.False(l.TryGetProperty("missingSince", out _)));
        Assert.Equal(before, Configured());
        var due = (await newer.JsonAsync("/v1/clusters/default/both/backupnow")).GetProperty("creationTime").GetDateTimeOffset();
        Assert.True((await newer.JsonAsync("/v1/clusters/default/both/status")).GetProperty("nextDue").GetDateTimeOffset() > due);
        Assert.Contains("both is backed up every 00:30:00", newer.Output + older.Output, StringComparison.Ordinal);

        // The one with the newer file dies: the older file's word is no newer for that.
        await newer.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(90));
        Assert.Equal(["both", "new"], (await SiloCluster.LinesAsync(older)).Select(l => l.GetProperty("name").GetString()!));
        Assert.All(await SiloCluster.LinesAsync(older), l => Assert.False(l.TryGetProperty("missingSince", out _)));

        // Each time that a spec other than the one in force was told to a grain.
        int Configured() => (newer.Output + older.Output).Split("is backed up every").Length;
    }
}

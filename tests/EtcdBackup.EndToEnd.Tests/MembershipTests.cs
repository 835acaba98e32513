using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>A silo that the membership table no longer names.</summary>
public class MembershipTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silos_that_the_table_no_longer_names_end_and_join_again_and_then_one_stands_in_for_the_other(bool hasTable)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(2, "Redis", redis.ConnectionString, ServiceProcess.Cluster("example", etcd.Endpoints));
        Array.ForEach(cluster.Silos, s => s.Config["Backups"]!["GraceInSecond"] = 0);
        await cluster.StartAsync();
        await cluster.Silos[0].JsonAsync("/v1/backupnow");

        await redis.EmptyAsync();
        if (hasTable)
        {
            // As another silo makes it that starts meanwhile.
            await redis.SetFieldAsync("etcdbackup/members/etcdbackup", "Version", "0");
        }

        foreach (var silo in cluster.Silos)
        {
            await silo.Process.WaitForExitAsync();
            Assert.NotEqual(0, silo.Process.ExitCode);
            Assert.Contains("The membership table does not name this silo", silo.Output, StringComparison.Ordinal);
        }

        await cluster.StartAsync();
        await Workspace.UntilAsync(async () => (await SiloCluster.SpreadAsync(cluster.Silos[0])).Count == 1, "one serves the cluster");
        await cluster.Silos[0].KillAsync();
        await etcd.CtlAsync("put", "more", "1");
        await Workspace.UntilAsync(
            async () => (await cluster.Silos[1].GetAsync("/v1/backupnow")).IsSuccessStatusCode, "the other silo backs it up");
    }
}

using System.Text.Json;
using EtcdBackup.Testing;
using Etcdserverpb;

namespace EtcdBackup.EndToEnd.Tests;

public class AlarmTests
{
    // Every member lists the alarms of all: the one that is named gives no backup, and the others do.
    [Theory]
    [InlineData("bookworm")]
    [InlineData("forky")]
    public async Task An_alarm_of_one_member_stops_no_backup_and_is_told_by_name(string suite)
    {
        await using var etcd = await EtcdServers.StartAsync(suite, members: 3);
        await etcd.CtlAsync("put", "key", "value");
        var bad = new Uri(etcd.Endpoints[1]).Authority;
        await etcd.AlarmAsync(AlarmType.Corrupt, 1);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();

        await service.JsonAsync("/v1/backupnow");
        var status = await service.JsonAsync("/v1/status");
        Assert.Equal(1, status.GetProperty("backups").GetInt32());
        Assert.StartsWith($"{bad} has the alarm CORRUPT", Assert.Single(Warnings(status)), StringComparison.Ordinal);
        foreach (var member in status.GetProperty("members").EnumerateArray())
        {
            Assert.Equal(member.GetProperty("address").GetString() == bad, member.TryGetProperty("alarms", out _));
        }

        var only = (await service.JsonAsync("/v1/clusters/default/example/backups")).GetProperty("items")[0];
        Assert.NotEqual(bad, only.GetProperty("metadata").GetProperty("member").GetString());
        Assert.Contains($"{bad} has the alarm CORRUPT", service.Output, StringComparison.Ordinal);
        Assert.Equal(1, await GaugeAsync(service, bad));

        await etcd.CtlAsync("alarm", "disarm");
        await service.JsonAsync("/v1/backupnow");
        Assert.False((await service.JsonAsync("/v1/status")).TryGetProperty("warnings", out _));
        Assert.Equal(0, await GaugeAsync(service, bad));
    }

    [Fact]
    public async Task A_full_database_is_told_with_what_to_do_and_backed_up()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.CtlAsync("put", "key", "value");
        await etcd.AlarmAsync(AlarmType.Nospace, 0);
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        Assert.Contains("etcdctl alarm disarm", Assert.Single(Warnings(await service.JsonAsync("/v1/status"))), StringComparison.Ordinal);
    }

    private static async Task<int> GaugeAsync(ServiceProcess service, string member)
    {
        var series = $"etcdbackup_member_alarms{{alarm=\"CORRUPT\",member=\"{member}\",name=\"example\",namespace=\"default\"}} 1";
        return (await service.Client.GetStringAsync("/metrics")).Split('\n').Count(l => l == series);
    }

    private static IEnumerable<string> Warnings(JsonElement status) =>
        status.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!);
}

using System.Globalization;
using System.Text.RegularExpressions;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <content>Very many clusters in which nothing happens.</content>
internal static partial class LogBench
{
    private const int Etcds = 4;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(60);

    private static async Task IdleAsync(int clusters)
    {
        var etcds = await Task.WhenAll(Enumerable.Range(0, Etcds).Select(_ => EtcdServers.StartAsync()));
        foreach (var etcd in etcds)
        {
            await etcd.PutAsync("/a", 3);
        }

        await using var service = new ServiceProcess();
        service.Config["Backups"]!["ScrubIntervalInSecond"] = 0;
        Configure(service, Enumerable.Range(0, clusters).Select(i => Cluster($"c{i}", etcds[i % Etcds], isLogged: false)));
        await service.StartAsync(waitReady: false);
        await UntilToldAsync(service, "etcdbackup_clusters_troubled{trouble=\"Never\"} 0", clusters, 1800);
        var without = await RestedAsync(service);
        Tell($"{clusters} idle clusters on {Etcds} small etcds, without logs: {without.Cores:0.000} cores, {without.Megabytes:0} MB");
        Configure(service, Enumerable.Range(0, clusters).Select(i => Cluster($"c{i}", etcds[i % Etcds], isLogged: true)));
        var with = await RestedAsync(service, $"etcdbackup_logs{{}} {clusters}\n");
        Tell($"with logs: {with.Cores:0.000} cores, {with.Megabytes:0} MB: {with.Cores - without.Cores:0.000} cores and " +
            $"{with.Megabytes - without.Megabytes:0} MB more");
        foreach (var etcd in etcds)
        {
            await etcd.DisposeAsync();
        }
    }

    // Both begin with a process of their own.
    private static async Task<(double Cores, double Megabytes)> RestedAsync(ServiceProcess service, string begun = "")
    {
        await service.KillAsync();
        await service.StartAsync(waitReady: false);
        var clusters = ((System.Text.Json.Nodes.JsonArray)service.Config["Clusters"]!).Count;
        await UntilToldAsync(service, begun, clusters, 600);
        if (begun != "")
        {
            await UntilToldAsync(service, "etcdbackup_logs_failing{} 0\n", clusters, 600);
        }

        await Task.Delay(Settle);
        var cost = await Measure.ServerAsync(service.Process.Id, () => Task.Delay(Watched));
        return (cost.CpuSeconds / cost.WallSeconds, cost.PeakMegabytes);
    }

    private static Task UntilToldAsync(ServiceProcess service, string what, int clusters, int seconds) => Workspace.UntilAsync(
        async () =>
        {
            await Task.Delay(2000);
            try
            {
                var metrics = await service.Client.GetStringAsync("/metrics");
                return metrics.Contains(what, StringComparison.Ordinal) && Served().Match(metrics) is { Success: true } served &&
                    int.Parse(served.Groups[1].ValueSpan, CultureInfo.InvariantCulture) == clusters;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        "the clusters",
        seconds);

    [GeneratedRegex(@"^etcdbackup_clusters_served\{\} (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Served();
}

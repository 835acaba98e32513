using System.Diagnostics;
using System.Globalization;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>How long a scrape of very many clusters takes, and how large it is: the worst case, none of them is well.</summary>
internal static class MetricsBench
{
    public static async Task RunAsync(int clusters)
    {
        await using var service = new ServiceProcess();
        service.With(Enumerable.Range(0, clusters).Select(i => ServiceProcess.Cluster($"c{i}", ["http://127.0.0.1:1"])));
        await service.StartAsync(waitReady: false);
        await Workspace.UntilAsync(async () =>
        {
            await Task.Delay(1000);
            try
            {
                return (await service.Client.GetStringAsync("/metrics")).Contains(
                    $"etcdbackup_clusters_troubled{{trouble=\"Failing\"}} {clusters}\n", StringComparison.Ordinal);
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "all clusters fail", 1800);
        var (times, size, series) = (new List<double>(), 0, 0);
        for (var i = 0; i < 20; i++)
        {
            var watch = Stopwatch.StartNew();
            var text = await service.Client.GetStringAsync("/metrics");
            times.Add(watch.Elapsed.TotalSeconds);
            (size, series) = (text.Length, text.Split('\n').Count(l => l.Length > 0 && l[0] != '#'));
        }

        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{clusters} clusters, none of them well: {times[10]:0.000} s in the median of 20 scrapes, {times[^1]:0.000} s at most; " +
            $"{size / 1048576.0:0.00} MB, {series} series"));
    }
}

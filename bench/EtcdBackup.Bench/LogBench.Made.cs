using System.Diagnostics;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <content>The backup of a revision of which there is none.</content>
internal static partial class LogBench
{
    private const int Made = 3;
    private const int Again = 20;

    private static async Task MadeAsync(int megabytes)
    {
        await using var etcd = await EtcdServers.StartAsync(Roomy);
        await using var service = new ServiceProcess();
        Configure(service, [Cluster("bench", etcd, isLogged: true)]);
        await etcd.PutManyAsync("/bench/objects", megabytes * 1024 * 1024 / ValueBytes, ValueBytes);
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        await UntilStoredAsync(service, await etcd.RevisionAsync());
        await etcd.PutAsync("/later", 1000, ValueBytes);
        var last = await etcd.RevisionAsync();
        await UntilStoredAsync(service, last);
        var latest = (await service.JsonAsync("/v1/status")).GetProperty("recentBackup");
        var version = latest.GetProperty("version").GetString();
        string Of(long revision) => $"/v1/backup?etcdVersion={version}&etcdRevision={revision}";
        var (first, speeds) = (new List<double>(), new List<double>());
        Measure.ResetPeak(service.Process.Id);
        for (var i = 0; i < Made; i++)
        {
            var (seconds, bytes) = await FirstByteAsync(service, Of(last - (300 * i)));
            first.Add(seconds);
            speeds.Add(bytes / 1e6 / seconds);
        }

        var peak = Measure.PeakMegabytes(service.Process.Id);
        var (again, stored) = (new List<double>(), new List<double>());
        for (var i = 0; i < Again; i++)
        {
            again.Add((await FirstByteAsync(service, Of(last))).Seconds);
            stored.Add((await FirstByteAsync(service, Of(latest.GetProperty("revision").GetInt64()))).Seconds);
        }

        Tell($"A backup of {speeds[0] * first[0]:0} MB, made and proven: first byte after {Median(first):0.00} s (median of {Made}, " +
            $"{first.Min():0.00} to {first.Max():0.00}), {Median(speeds):0} MB a second; the service had {peak:0} MB at most.");
        Tell($"The same again: {Median(again) * 1000:0.0} ms (median of {Again}); a stored one: {Median(stored) * 1000:0.0} ms.");
    }

    private static async Task<(double Seconds, long Bytes)> FirstByteAsync(ServiceProcess service, string path)
    {
        var watch = Stopwatch.StartNew();
        using var answer = await service.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1]);
        return (watch.Elapsed.TotalSeconds, answer.Content.Headers.ContentLength ?? 0);
    }
}

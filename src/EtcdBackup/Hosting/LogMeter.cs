using System.Diagnostics.Metrics;
using EtcdBackup.ChangeLog;
using Microsoft.Extensions.Hosting;

namespace EtcdBackup.Hosting;

/// <summary>
/// The metrics of the change logs that this silo writes, read when somebody asks. With more logs than
/// <see cref="EtcdBackupOptions.MaxClusterMetrics"/> only those that are not well have series of their own, the longest not current first.
/// </summary>
internal sealed class LogMeter(ChangeLogs logs, EtcdBackupOptions options, TimeProvider time) : IHostedService, IDisposable
{
    // The metrics of one scrape are asked for one after the other.
    private static readonly TimeSpan Keep = TimeSpan.FromMilliseconds(200);

    // A log is looked at twice a minute.
    private static readonly TimeSpan Behind = TimeSpan.FromMinutes(5);

    private readonly Meter _meter = new("etcdbackup");
    private readonly Lock _lock = new();
    private IReadOnlyList<Facts> _told = [];
    private (int All, int Failing) _number;
    private long? _chosenAt;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Gauge("first_revision", "", "From this revision on every one can be brought back.", f => f.Log.Window?.From);
        Gauge("first.timestamp", "s", "The same, as time.", f => Seconds(f.Log.Window?.FromAt));
        Gauge("received_revision", "", "The last revision that came.", f => Positive(f.State.Received));
        Gauge("stored_revision", "", "The last revision that is in the store.", f => Positive(f.State.Stored));
        Gauge("lag_revisions", "", "Revisions that the cluster has and the store has not.", f => Lag(f.State));
        Gauge("current.timestamp", "s", "When the cluster last had nothing beyond what came.", f => Seconds(f.Log.CurrentAt));
        Gauge("failing", "", "1 while the log does not go on.", f => f.State.Problem is null ? 0 : 1);
        Counter("stored", "By", "Bytes of the segments that were stored.", f => f.Log.Counts.StoredBytes);
        Counter("events", "{event}", "Puts and deletions in them.", f => f.Log.Counts.Events);
        Counter("breaks", "{break}", "How often the log could not go on, and began anew.", f => f.Log.Counts.Breaks);
        _meter.CreateObservableCounter("etcdbackup.log.proofs", Proofs, "{proof}", "Proofs of the log by a backup, by their result.");
        _meter.CreateObservableGauge("etcdbackup.logs", () => Choose().Number.All, "{log}", "Change logs that this silo writes.");
        _meter.CreateObservableGauge(
            "etcdbackup.logs.failing", () => Choose().Number.Failing, "{log}", "Change logs that do not go on.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static double? Seconds(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds() / 1000.0;

    private static double? Positive(long revision) => revision > 0 ? revision : null;

    private static double? Lag(LogState state) => state.Stream is null ? null : Math.Max(0, state.Cluster - state.Stored);

    private static KeyValuePair<string, object?>[] Labels(Facts facts) =>
        [new("namespace", facts.Log.Cluster.Namespace), new("name", facts.Log.Cluster.Name)];

    private void Gauge(string name, string unit, string what, Func<Facts, double?> number) =>
        _meter.CreateObservableGauge("etcdbackup.log." + name, () => Measure(number), unit, what);

    private void Counter(string name, string unit, string what, Func<Facts, long> number) => _meter.CreateObservableCounter(
        "etcdbackup.log." + name, () => Choose().Told.Select(f => new Measurement<long>(number(f), Labels(f))), unit, what);

    private IEnumerable<Measurement<double>> Measure(Func<Facts, double?> number)
    {
        foreach (var facts in Choose().Told)
        {
            if (number(facts) is { } value)
            {
                yield return new Measurement<double>(value, Labels(facts));
            }
        }
    }

    // Both from the beginning: what appears as 1 is no increase.
    private IEnumerable<Measurement<long>> Proofs() => Choose().Told.SelectMany(f => new Measurement<long>[]
    {
        new(f.Log.Counts.Proven, [.. Labels(f), new("result", "holds")]),
        new(f.Log.Counts.Differing, [.. Labels(f), new("result", "differs")]),
    });

    private (IReadOnlyList<Facts> Told, (int All, int Failing) Number) Choose()
    {
        lock (_lock)
        {
            if (_chosenAt is not { } at || time.GetElapsedTime(at) > Keep)
            {
                _chosenAt = time.GetTimestamp();
                ChooseNow(time.GetUtcNow());
            }

            return (_told, _number);
        }
    }

    private void ChooseNow(DateTimeOffset now)
    {
        Facts[] all = [.. logs.All.Select(l => new Facts(l, l.State))];
        _number = (all.Length, all.Count(f => f.State.Problem is not null));
        _told = all.Length <= options.MaxClusterMetrics ? all
            : [.. all.Where(f => !IsWell(f, now)).OrderBy(f => f.Log.CurrentAt ?? default).Take(options.MaxClusterMetrics)];
    }

    private static bool IsWell(Facts facts, DateTimeOffset now) => facts.State.Problem is null && facts.Log.Counts is { Breaks: 0 } &&
        now - facts.Log.CurrentAt < Behind;

    private sealed record Facts(LogKeeper Log, LogState State);
}

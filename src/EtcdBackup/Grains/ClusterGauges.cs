using System.Diagnostics.Metrics;
using EtcdBackup.Etcd;

namespace EtcdBackup.Grains;

/// <summary>
/// The metrics of the clusters that this silo serves, read from the board when somebody asks: no silo tells a cluster that moved away. With
/// more clusters than <paramref name="most"/> only those that are not well have series of their own, the worst first.
/// </summary>
/// <param name="board">The facts.</param>
/// <param name="most">The most clusters with series of their own.</param>
/// <param name="time">The clock.</param>
internal sealed class ClusterGauges(ClusterBoard board, int most, TimeProvider time)
{
    // The metrics of one scrape are asked for one after the other.
    private static readonly TimeSpan Keep = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private IReadOnlyList<ClusterFacts> _told = [];
    private IReadOnlyDictionary<ClusterTrouble, int> _troubled = new Dictionary<ClusterTrouble, int>();
    private DateTimeOffset? _oldest;
    private long _chosenAt;
    private long _chosenOf = -1;

    /// <summary>Makes the instruments.</summary>
    public void Register(Meter meter)
    {
        Time(meter, "last_success", "The end of the last run that succeeded or found nothing new.", f => f.Summary.LastSuccess);
        Time(meter, "last_attempt", "The end of the last run.", f => EndOf(f.Summary.LastOutcome));
        Time(meter, "last_proof", "When a stored backup was last proven sound.", f => f.Stored?.LastProof);
        Time(meter, "oldest_proof", "The same, of the backup of which it is longest ago.", f => f.Stored?.OldestProof);
        Time(meter, "latest_backup", "When the latest backup was taken.", f => f.Stored?.LatestAt);
        Time(meter, "next_due", "When the next backup is due.", f => f.Summary.NextDue);
        Gauge(meter, "interval", "s", "The interval of the schedule.", f => f.Summary.Spec?.Backup.Interval.TotalSeconds);
        Gauge(meter, "failures", "{failure}", "Failed runs since the last success.", f => f.Summary.FailuresInRow);
        Gauge(meter, "last_run.duration", "s", "How long the last run took.", f => f.Summary.LastOutcome?.Seconds);
        Gauge(meter, "revision", "{revision}", "The revision of the latest backup.", f => Latest(f)?.LatestRevision);
        Gauge(meter, "latest_backup.size", "By", "Bytes of the latest backup's snapshot.", f => Latest(f)?.LatestBytes);
        Gauge(meter, "backups", "{backup}", "Stored backups.", f => f.Stored?.Count);
        Gauge(meter, "backups.size", "By", "Bytes of the stored backups, in the store.", f => f.Stored?.Bytes);
        Gauge(meter, "backups.damaged", "{backup}", "Stored backups that were found damaged.", f => f.Stored?.Damaged);
        Gauge(meter, "backups.undeletable", "{backup}", "Backups that the store refuses to delete.", f => f.Refused);
        Gauge(meter, "store.failing", "", "1 if the store cannot be listed.", f => f.StoreProblem is null ? 0 : 1);
        Gauge(meter, "members.differing", "", "1 if members held different data.", f => f.Stored is { } s ? s.MembersDiffer ? 1 : 0 : null);
        Gauge(meter, "members", "{member}", "Members that were asked.", f => OfMembers(f, m => m.Count));
        Gauge(meter, "members.silent", "{member}", "Members without an answer.", f => OfMembers(f, m => m.Count(x => !x.Answered)));
        Gauge(meter, "db.size", "By", "Bytes of the largest database of a member.", f => OfMembers(f, m => m.Max(x => x.DbSize)));
        Gauge(
            meter, "db.quota", "By", "The lowest quota of a member's database.",
            f => OfMembers(f, m => m.Where(x => x.Quota > 0).Select(x => (long?)x.Quota).Min()));
        meter.CreateObservableGauge("etcdbackup.member.alarms", Alarms, description: "Alarms that etcd has raised, by cluster and member.");
        meter.CreateObservableGauge("etcdbackup.clusters.served", () => board.Count, "{cluster}", "Clusters that this silo serves.");
        meter.CreateObservableGauge(
            "etcdbackup.clusters.troubled", Troubled, "{cluster}", "Clusters that are not well, by trouble; one may have several.");
        meter.CreateObservableGauge(
            "etcdbackup.clusters.untold", () => Choose().Untold, "{cluster}", "Clusters without series of their own.");
        meter.CreateObservableGauge(
            "etcdbackup.clusters.oldest_success.timestamp", Oldest, "s", "The earliest last success of all clusters.");
    }

    private static StoredFacts? Latest(ClusterFacts facts) => facts.Stored is { LatestAt: not null } stored ? stored : null;

    private static double? OfMembers(ClusterFacts facts, Func<IReadOnlyList<MemberStatus>, double?> number) =>
        facts.Members.Count == 0 ? null : number(facts.Members);

    private static DateTimeOffset? EndOf(RunOutcome? run) => run?.StartedAt + TimeSpan.FromSeconds(run?.Seconds ?? 0);

    private static double Seconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / 1000.0;

    private static KeyValuePair<string, object?>[] Labels(ClusterFacts facts) =>
        [new("namespace", facts.Summary.Key.Namespace), new("name", facts.Summary.Key.Name)];

    private void Time(Meter meter, string name, string what, Func<ClusterFacts, DateTimeOffset?> moment) =>
        Gauge(meter, name + ".timestamp", "s", what, f => moment(f) is { } at ? Seconds(at) : null);

    private void Gauge(Meter meter, string name, string unit, string what, Func<ClusterFacts, double?> number) =>
        meter.CreateObservableGauge("etcdbackup.cluster." + name, () => Measure(number), unit, what);

    private IEnumerable<Measurement<double>> Measure(Func<ClusterFacts, double?> number)
    {
        foreach (var facts in Choose().Told)
        {
            if (number(facts) is { } value)
            {
                yield return new Measurement<double>(value, Labels(facts));
            }
        }
    }

    private IEnumerable<Measurement<int>> Alarms() =>
        from facts in Choose().Told
        from alarm in facts.Members.SelectMany(m => m.Alarms).Distinct()
        select new Measurement<int>(1, [.. Labels(facts), new("member", alarm.NameIn(facts.Members)), new("alarm", alarm.Kind)]);

    private IEnumerable<Measurement<int>> Troubled()
    {
        Choose();
        return Enum.GetValues<ClusterTrouble>().Where(t => t != ClusterTrouble.None).Select(t => new Measurement<int>(
            _troubled.GetValueOrDefault(t), new KeyValuePair<string, object?>("trouble", t.ToString())));
    }

    private IEnumerable<Measurement<double>> Oldest()
    {
        Choose();
        return _oldest is { } oldest ? [new Measurement<double>(Seconds(oldest))] : [];
    }

    private (IReadOnlyList<ClusterFacts> Told, int Untold) Choose()
    {
        lock (_lock)
        {
            if (board.Version is var version && (version != _chosenOf || time.GetElapsedTime(_chosenAt) > Keep))
            {
                (_chosenOf, _chosenAt) = (version, time.GetTimestamp());
                ChooseNow(time.GetUtcNow());
            }

            return (_told, Math.Max(0, board.Count - _told.Count));
        }
    }

    private void ChooseNow(DateTimeOffset now)
    {
        var all = board.All.Select(f => (Facts: f, Trouble: ClusterTroubles.Of(f, now))).ToList();
        _troubled = Enum.GetValues<ClusterTrouble>().ToDictionary(t => t, t => all.Count(c => t != 0 && c.Trouble.HasFlag(t)));
        _oldest = all.Min(c => c.Facts.Summary.LastSuccess);
        _told = all.Count <= most
            ? [.. all.Select(c => c.Facts)]
            : [.. all.Where(c => c.Trouble != 0).Select(c => c.Facts).OrderBy(f => f.Summary.LastSuccess).Take(most)];
    }
}

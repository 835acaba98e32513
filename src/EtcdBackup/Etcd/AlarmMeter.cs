using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using EtcdBackup.Clusters;

namespace EtcdBackup.Etcd;

/// <summary>
/// The alarms of the clusters that this silo serves, as a metric that names the member: 1 while it is raised, and 0 afterwards.
/// </summary>
internal static class AlarmMeter
{
    private static readonly Meter Meter = new("etcdbackup");
    private static readonly ConcurrentDictionary<(ClusterKey Cluster, string Member, string Alarm), bool> Raised = [];

    static AlarmMeter() =>
        Meter.CreateObservableGauge("member.alarms", Measure, description: "Alarms that etcd has raised, by cluster and member.");

    /// <summary>Tells the alarms of a cluster.</summary>
    public static void Set(ClusterKey cluster, IReadOnlyList<MemberStatus> members)
    {
        var alarms = members.SelectMany(m => m.Alarms).Distinct().Select(a => (cluster, NameOf(a, members), a.Kind)).ToHashSet();
        foreach (var known in Raised.Keys.Where(k => k.Cluster == cluster).Concat(alarms))
        {
            Raised[known] = alarms.Contains(known);
        }
    }

    private static string NameOf(MemberAlarm alarm, IReadOnlyList<MemberStatus> members) =>
        members.FirstOrDefault(m => m.Answered && m.MemberId == alarm.MemberId)?.Address ??
            alarm.MemberId.ToString("x", CultureInfo.InvariantCulture);

    private static IEnumerable<Measurement<int>> Measure() => Raised.Select(r => new Measurement<int>(
        r.Value ? 1 : 0,
        new("namespace", r.Key.Cluster.Namespace), new("name", r.Key.Cluster.Name),
        new("member", r.Key.Member), new("alarm", r.Key.Alarm)));
}

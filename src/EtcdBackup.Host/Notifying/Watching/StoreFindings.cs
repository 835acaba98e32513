using EtcdBackup.Etcd;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>What is known of a cluster's stored backups and members. Each is null where nothing is known now.</summary>
/// <param name="Damaged">Backups that were found damaged.</param>
/// <param name="Differing">The latest backup, if a member holds other data; empty if none does.</param>
/// <param name="Alarms">Alarms of its members.</param>
internal sealed record StoreFindings(IReadOnlyList<Finding>? Damaged, IReadOnlyList<Finding>? Differing, IReadOnlyList<Finding>? Alarms)
{
    /// <summary>Takes them out of a status.</summary>
    public static StoreFindings Of(ClusterStatus status) => new(DamagedOf(status), DifferingOf(status), AlarmsOf(status));

    private static IReadOnlyList<Finding>? DamagedOf(ClusterStatus status) => status.StoreProblem is not null ? null
        : [.. status.Stored.Damaged.Select(b => new Finding(
            EventKind.Damaged, b.Name.ToString(), b.Metadata?.Verification?.At ?? b.CreationTime,
            $"The stored backup {b.Name} is damaged: {b.Problem}. It is not served any more, and a new backup is taken. Look at the " +
                "store, then delete it"))];

    private static IReadOnlyList<Finding>? DifferingOf(ClusterStatus status) => status.Stored.Latest is { Metadata.Proof: { } proof } latest
        ? proof.MembersDiffer
            ? [new Finding(EventKind.MembersDiffer, "", latest.CreationTime,
                $"Members of the cluster hold different data: {proof.Detail}. Compare them with 'etcdctl endpoint hashkv', and replace " +
                    "the one that differs")]
            : []
        : null;

    private static IReadOnlyList<Finding>? AlarmsOf(ClusterStatus status)
    {
        if (!status.Members.Any(m => m.Answered))
        {
            return null;
        }

        var since = status.Summary.LastOutcome?.StartedAt ?? status.Stored.ListedAt;
        var alarms = status.Members.SelectMany(m => m.Alarms).Distinct().ToArray();

        // The warnings begin with one for each alarm, in this order.
        return [.. alarms.Zip(MemberWarnings.Of(status.Members), (alarm, warning) => new Finding(
            EventKind.Alarm, FormattableString.Invariant($"{alarm.Kind} {alarm.MemberId:x}"), since,
            $"Etcd has raised an alarm: {warning}"))];
    }
}

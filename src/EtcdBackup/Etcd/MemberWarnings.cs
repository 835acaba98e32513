using System.Globalization;

namespace EtcdBackup.Etcd;

/// <summary>What a person should know of a cluster's members, though its backups go on.</summary>
public static class MemberWarnings
{
    // From here on there is little time left to make room.
    private const double NearQuota = 0.8;

    /// <summary>One sentence for each warning.</summary>
    /// <param name="members">The answers to the last check.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<MemberStatus> members) =>
    [
        .. members.SelectMany(m => m.Alarms).Distinct().Select(a => Explain(a, members)),
        .. members.Where(m => m.Error is not null).Select(m => $"{m.Address} {m.Error}"),
        .. members.Where(m => m.Quota > 0 && m.DbSize >= NearQuota * m.Quota).Select(m =>
            $"{m.Address} uses {Megabytes(m.DbSize)} of the {Megabytes(m.Quota)} MB of its quota: at the quota etcd refuses all writes. " +
            "Compact and defragment it, or raise --quota-backend-bytes"),
    ];

    private static string Explain(MemberAlarm alarm, IReadOnlyList<MemberStatus> members)
    {
        var who = members.FirstOrDefault(m => m.Answered && m.MemberId == alarm.MemberId)?.Address ??
            (alarm.MemberId == 0 ? "the cluster" : string.Create(CultureInfo.InvariantCulture, $"member {alarm.MemberId:x}"));
        return alarm.Kind switch
        {
            MemberAlarm.Corrupt when alarm.MemberId == 0 => "the cluster has the alarm CORRUPT, and does not say of which member: " +
                "compare them with 'etcdctl endpoint hashkv'",
            MemberAlarm.Corrupt => $"{who} has the alarm CORRUPT: its data differs from the others', and it gives no backup. Replace the " +
                "member, then 'etcdctl alarm disarm'",
            MemberAlarm.NoSpace => $"{who} has the alarm NOSPACE: etcd refuses all writes. Compact and defragment it, then 'etcdctl " +
                "alarm disarm'",
            _ => $"{who} has the alarm {alarm.Kind}: see 'etcdctl alarm list'",
        };
    }

    private static string Megabytes(long bytes) => (bytes / 1048576.0).ToString("0.#", CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdBackup.Etcd;

/// <summary>An alarm of a cluster, and the member that it names. Every member lists the alarms of all.</summary>
/// <param name="MemberId">The member; 0: the cluster could not say which.</param>
/// <param name="Kind">What is wrong: <c>CORRUPT</c> or <c>NOSPACE</c>.</param>
public sealed partial record MemberAlarm(ulong MemberId, string Kind)
{
    /// <summary>The member's data differs from the others'.</summary>
    public const string Corrupt = "CORRUPT";

    /// <summary>The member's database is at its quota: etcd refuses writes.</summary>
    public const string NoSpace = "NOSPACE";

    /// <summary>Reads the errors of a status (etcd server/etcdserver/api/v3rpc/maintenance.go: the text of each AlarmMember).</summary>
    public static IReadOnlyList<MemberAlarm> Read(IEnumerable<string> errors) =>
        [.. errors.Select(e => Text().Match(e)).Where(m => m.Success).Select(m => new MemberAlarm(
            m.Groups["id"].Success ? ulong.Parse(m.Groups["id"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0,
            m.Groups["kind"].Value))];

    /// <summary>How messages name the member that it is of.</summary>
    public string NameIn(IReadOnlyList<MemberStatus> members) =>
        members.FirstOrDefault(m => m.Answered && m.MemberId == MemberId)?.Address ?? MemberId.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>The answers of all members, with the alarms that any of them lists: one that lags does not know the newest.</summary>
    public static IReadOnlyList<MemberStatus> Share(IReadOnlyList<MemberStatus> members)
    {
        var all = members.SelectMany(m => m.Alarms).Distinct().ToArray();
        return all.Length == 0 ? members
            : [.. members.Select(m => m with { Alarms = all, IsCorrupt = all.Contains(new MemberAlarm(m.MemberId, Corrupt)) })];
    }

    // A field of value 0 is left out of the text.
    [GeneratedRegex(@"^(memberID:(?<id>\d+) )?\s*alarm:(?<kind>[A-Z]+)")]
    private static partial Regex Text();
}

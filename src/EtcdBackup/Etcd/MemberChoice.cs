using System.Globalization;

namespace EtcdBackup.Etcd;

/// <summary>Decides which member gives the snapshot.</summary>
public static class MemberChoice
{
    /// <summary>
    /// The usable members, best first: highest revision, then followers before the leader (to spare it), then by id so that the choice is
    /// stable. Members that did not answer, learn or are marked corrupt are left out.
    /// </summary>
    public static IReadOnlyList<MemberStatus> Order(IEnumerable<MemberStatus> members) =>
        [.. members
            .Where(m => m is { Answered: true, IsLearner: false, IsCorrupt: false })
            .OrderByDescending(m => m.Revision)
            .ThenBy(m => m.IsLeader)
            .ThenBy(m => m.MemberId)
            .ThenBy(m => m.Endpoint.ToString(), StringComparer.Ordinal)];

    /// <summary>One sentence that says for each member why it cannot be used; for error messages.</summary>
    public static string Explain(IEnumerable<MemberStatus> members) =>
        string.Join("; ", members.Select(m => $"{m.Endpoint.Authority} {Reason(m)}"));

    private static string Reason(MemberStatus m) => m switch
    {
        { Error: { } error } => error,
        { IsLearner: true } => "is a learner",
        { IsCorrupt: true } => "has a CORRUPT alarm",
        _ => string.Create(CultureInfo.InvariantCulture, $"answered at revision {m.Revision}"),
    };
}

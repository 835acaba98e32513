using System.Globalization;

namespace EtcdBackup.Etcd;

/// <summary>Decides which member gives the snapshot.</summary>
internal static class MemberChoice
{
    /// <summary>
    /// The usable voters, best first: highest revision, then followers before the leader (to spare it), then by id so that the choice is
    /// stable. Members that did not answer, learn or are marked corrupt are left out.
    /// </summary>
    public static IReadOnlyList<MemberStatus> Order(IEnumerable<MemberStatus> members) => Usable(members, areLearners: false);

    /// <summary>
    /// The members that may give the snapshot, best first: the voters, and then the learners; or the learners first. etcd gives a
    /// learner's snapshot since 3.5.
    /// </summary>
    public static IReadOnlyList<MemberStatus> Givers(IReadOnlyCollection<MemberStatus> members, bool preferLearner)
    {
        var (voters, learners) = (Order(members), Usable(members, areLearners: true));
        return preferLearner ? [.. learners, .. voters] : [.. voters, .. learners];
    }

    private static IReadOnlyList<MemberStatus> Usable(IEnumerable<MemberStatus> members, bool areLearners) =>
        [.. members
            .Where(m => m is { Answered: true, IsCorrupt: false } && m.IsLearner == areLearners)
            .OrderByDescending(m => m.Revision)
            .ThenBy(m => m.IsLeader)
            .ThenBy(m => m.MemberId)
            .ThenBy(m => m.Endpoint.ToString(), StringComparer.Ordinal)];

    /// <summary>
    /// The members to ask for a linearizable read: those that know a leader. If none does, only one is asked, because a leader may just
    /// have been elected, and each failed request takes long.
    /// </summary>
    public static IReadOnlyList<MemberStatus> Voters(IEnumerable<MemberStatus> members)
    {
        var usable = Order(members);
        return usable.Any(m => m.Leader != 0) ? [.. usable.Where(m => m.Leader != 0)] : [.. usable.Take(1)];
    }

    /// <summary>
    /// The members that count once a quorum answered. What a member has is either part of what the quorum has a moment later, or of another
    /// history: a member that was cut off while the others were restored still reports what they all had before.
    /// </summary>
    /// <param name="members">The answer of each member.</param>
    /// <param name="revision">The revision of the quorum, read afterwards; null if there is no quorum.</param>
    public static IReadOnlyList<MemberStatus> OfQuorum(IReadOnlyList<MemberStatus> members, long? revision) => revision is null ? members
        : [.. members.Select(m => m switch
        {
            { Answered: false } => m,
            { Leader: 0 } => m with { Error = "has no leader, and a quorum has one: it is cut off" },
            _ when m.Revision > revision => m with { Error = string.Create(CultureInfo.InvariantCulture,
                $"is at revision {m.Revision}, and a quorum at {revision}: it is of another history") },
            _ => m,
        })];

    /// <summary>One sentence that says for each member why it cannot be used; for error messages.</summary>
    public static string Explain(IEnumerable<MemberStatus> members) =>
        string.Join("; ", members.Select(m => $"{m.Address} {Reason(m)}"));

    private static string Reason(MemberStatus m) => m switch
    {
        { Error: { } error } => error,
        { IsLearner: true } => "is a learner",
        { IsCorrupt: true } => "has a CORRUPT alarm",
        _ => string.Create(CultureInfo.InvariantCulture, $"answered at revision {m.Revision}"),
    };
}

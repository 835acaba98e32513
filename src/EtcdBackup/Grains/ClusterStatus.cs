using EtcdBackup.Etcd;

namespace EtcdBackup.Grains;

/// <summary>The status of one cluster's backups, with what its store holds.</summary>
/// <param name="Summary">What the grain remembers.</param>
/// <param name="Outcomes">The last ten runs, newest first.</param>
/// <param name="Stored">What the store held when it was last seen.</param>
/// <param name="StoreProblem">Why the store cannot be listed now; null when it can.</param>
public sealed record ClusterStatus(ClusterSummary Summary, IReadOnlyList<RunOutcome> Outcomes, StoredSummary Stored, string? StoreProblem)
{
    /// <summary>The members' answers to the last check that this silo made; empty before it.</summary>
    public IReadOnlyList<MemberStatus> Members { get; init; } = [];
}

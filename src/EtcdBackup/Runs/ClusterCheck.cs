using EtcdBackup.Catalog;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Runs;

/// <summary>The result of the first step of a run, the check.</summary>
/// <param name="Look">The position of the cluster, and the lineage that a backup of it belongs to.</param>
/// <param name="IsUnchanged">Whether nothing was written since the last look.</param>
/// <param name="Members">The answer of each member.</param>
/// <param name="LastPut">The last put of the latest backup of that lineage; null if unknown, or if the lineage is new.</param>
internal sealed record ClusterCheck(ClusterLook Look, bool IsUnchanged, IReadOnlyList<MemberStatus> Members, LastPut? LastPut)
{
    /// <summary>Which members disagree on the last put; null if none was found to.</summary>
    public string? Differing { get; init; }

    /// <summary>Whether members are known to hold different data: then all that they hold is compared.</summary>
    public bool MembersDiffer { get; init; }

    /// <summary>Whether a quorum answered.</summary>
    public bool HasQuorum { get; init; }
}

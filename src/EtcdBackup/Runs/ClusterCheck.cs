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
    /// <summary>Whether a quorum answered.</summary>
    public bool HasQuorum { get; init; }
}

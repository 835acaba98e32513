using EtcdBackup.Catalog;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Runs;

/// <summary>The first step of a run: what a look at the cluster found.</summary>
/// <param name="Look">Where the cluster stands, and the lineage that a backup of it belongs to.</param>
/// <param name="IsUnchanged">Whether nothing was written since it was last looked at.</param>
/// <param name="Members">What each member said.</param>
/// <param name="LastPut">The last put of the latest backup of that lineage; null when it is not known, or the lineage is new.</param>
internal sealed record ClusterCheck(ClusterLook Look, bool IsUnchanged, IReadOnlyList<MemberStatus> Members, LastPut? LastPut)
{
    /// <summary>Whether a quorum answered.</summary>
    public bool HasQuorum { get; init; }
}

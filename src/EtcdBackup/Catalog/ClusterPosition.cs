using EtcdBackup.Etcd;

namespace EtcdBackup.Catalog;

/// <summary>Where a cluster was at one moment: enough to decide later whether it has advanced, is unchanged, or became another.</summary>
/// <param name="ClusterId">etcd's cluster id, 16 hex digits.</param>
/// <param name="Revision">Revision of the key-value store.</param>
/// <param name="RaftTerm">Highest raft term of the members that count: those of the quorum's history.</param>
/// <param name="RaftIndex">Highest committed raft index of the same members.</param>
public sealed record ClusterPosition(string ClusterId, long Revision, ulong RaftTerm, ulong RaftIndex)
{
    /// <summary>The position from the answers of several members. All must be of one cluster.</summary>
    public static ClusterPosition Of(IReadOnlyCollection<MemberStatus> members) => new(
        members.First().ClusterId.ToString("x16", null),
        members.Max(m => m.Revision),
        members.Max(m => m.RaftTerm),
        members.Max(m => m.RaftIndex));

    /// <summary>The higher of both in each respect; for two looks at one lineage.</summary>
    public ClusterPosition Highest(ClusterPosition other) => this with
    {
        Revision = Math.Max(Revision, other.Revision),
        RaftTerm = Math.Max(RaftTerm, other.RaftTerm),
        RaftIndex = Math.Max(RaftIndex, other.RaftIndex),
    };

    /// <summary>Whether a cluster that was at <paramref name="before"/> went back, or became another, to be here.</summary>
    public bool IsBehind(ClusterPosition before) =>
        ClusterId != before.ClusterId || Revision < before.Revision || RaftTerm < before.RaftTerm || RaftIndex < before.RaftIndex;
}

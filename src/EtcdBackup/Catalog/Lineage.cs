using EtcdBackup.Etcd;

namespace EtcdBackup.Catalog;

/// <summary>Where a cluster stood: enough to tell later whether it moved on, stood still, or became another.</summary>
/// <param name="ClusterId">etcd's cluster id, 16 hex digits.</param>
/// <param name="Revision">Revision of the key-value store.</param>
/// <param name="RaftTerm">Highest raft term of all members that answered.</param>
/// <param name="RaftIndex">Highest committed raft index of all members that answered.</param>
public sealed record ClusterPosition(string ClusterId, long Revision, ulong RaftTerm, ulong RaftIndex)
{
    /// <summary>The position that the answers add up to. All must be of one cluster.</summary>
    public static ClusterPosition Of(IReadOnlyCollection<MemberStatus> members) => new(
        members.First().ClusterId.ToString("x16", null),
        members.Max(m => m.Revision),
        members.Max(m => m.RaftTerm),
        members.Max(m => m.RaftIndex));
}

/// <summary>
/// One continuous history of a cluster. A restore from a backup, in place or into new members, starts the next one:
/// its revisions may repeat earlier ones with other content.
/// </summary>
/// <param name="ClusterId">etcd's cluster id, 16 hex digits.</param>
/// <param name="Incarnation">Counts the histories that were seen, from 1. Backups of the original service count as 0.</param>
/// <param name="Tag">Goes into the names of its backups; empty for the first, random after, so that names of two histories never collide.</param>
public sealed record Lineage(string ClusterId, int Incarnation, string Tag)
{
    /// <summary>The history after <paramref name="previous"/>.</summary>
    public static Lineage After(Lineage? previous, string clusterId) => previous is null
        ? new Lineage(clusterId, 1, "")
        : new Lineage(clusterId, previous.Incarnation + 1, Guid.NewGuid().ToString("N")[..8]);

    /// <summary>Compares where the cluster stands with where it stood at its last backup.</summary>
    public static Progress Compare(ClusterPosition? recorded, ClusterPosition now)
    {
        if (recorded is null)
        {
            return Progress.Advanced;
        }

        if (recorded.ClusterId != now.ClusterId)
        {
            return Progress.OtherHistory;
        }

        if (now.Revision < recorded.Revision || now.RaftTerm < recorded.RaftTerm || now.RaftIndex < recorded.RaftIndex)
        {
            return Progress.WentBack;
        }

        return now.Revision == recorded.Revision ? Progress.Unchanged : Progress.Advanced;
    }
}

/// <summary>What became of a cluster since its last backup.</summary>
public enum Progress
{
    /// <summary>Same history, same revision: nothing to back up.</summary>
    Unchanged,

    /// <summary>Same history, new revisions; or the first look.</summary>
    Advanced,

    /// <summary>Revision, term or index fell: another history under the same cluster id, or only lagging members answered. A linearizable read tells.</summary>
    WentBack,

    /// <summary>Another cluster id: another history for sure.</summary>
    OtherHistory,
}

namespace EtcdBackup.ChangeLog;

/// <summary>Where a stream of the change log goes on.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="ClusterId">etcd's id of the cluster.</param>
/// <param name="Incarnation">The lineage.</param>
/// <param name="Base">The backup that it began with.</param>
/// <param name="Chain">The chain value so far; empty at the beginning.</param>
/// <param name="Last">The last revision that is stored, or that of the backup.</param>
/// <param name="Raft">The highest raft term and index that the cluster had: it never has lower ones, unless it is restored.</param>
internal sealed record LogPosition(
    string Stream, ulong ClusterId, int Incarnation, string Base, byte[] Chain, RevisionMark Last, (ulong Term, ulong Index) Raft)
{
    /// <summary>
    /// What ties a new stream to its backup, to be stored once the cluster is known to go on from there; null if it is stored.
    /// </summary>
    public AnchorName? Anchor { get; init; }
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Etcd;

/// <summary>What one member said of itself (etcd's <c>Maintenance.Status</c>), or why it did not.</summary>
public sealed record MemberStatus
{
    /// <summary>The client URL that was asked.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Why the member is of no use, in one sentence; null when it answered.</summary>
    public string? Error { get; init; }

    /// <summary>The id of its cluster.</summary>
    public ulong ClusterId { get; init; }

    /// <summary>The member's own id.</summary>
    public ulong MemberId { get; init; }

    /// <summary>The member it takes for the leader; 0 when it knows none.</summary>
    public ulong Leader { get; init; }

    /// <summary>Its key-value store's revision.</summary>
    public long Revision { get; init; }

    /// <summary>Its raft term.</summary>
    public ulong RaftTerm { get; init; }

    /// <summary>Its committed raft index.</summary>
    public ulong RaftIndex { get; init; }

    /// <summary>The server's version.</summary>
    public EtcdVersion Version { get; init; }

    /// <summary>Bytes of its database file.</summary>
    public long DbSize { get; init; }

    /// <summary>A learner does not vote yet and refuses most requests.</summary>
    public bool IsLearner { get; init; }

    /// <summary>An alarm says that its data differs from the others'.</summary>
    public bool IsCorrupt { get; init; }

    /// <summary>Whether the member answered.</summary>
    public bool Answered => Error is null;

    /// <summary>
    /// Whether the member went back since, or became another: it was restored or replaced. One that does not answer tells nothing.
    /// </summary>
    public bool IsBehind(MemberStatus before) => Answered &&
        (ClusterId != before.ClusterId || MemberId != before.MemberId || Revision < before.Revision || RaftTerm < before.RaftTerm ||
            RaftIndex < before.RaftIndex);

    /// <summary>Whether it takes itself for the leader.</summary>
    public bool IsLeader => Leader == MemberId;
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Etcd;

/// <summary>The answer of one member to a probe (etcd's <c>Maintenance.Status</c>), or why there is none.</summary>
public sealed record MemberStatus
{
    /// <summary>The client URL that was asked.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>How messages name it: host and port, or the path of its socket.</summary>
    public string Address => AddressOf(Endpoint);

    /// <summary>How messages name a client URL.</summary>
    public static string AddressOf(Uri endpoint) => endpoint.Authority is { Length: > 0 } authority ? authority : endpoint.LocalPath;

    /// <summary>Why the member cannot be used, in one sentence; null if it answered.</summary>
    public string? Error { get; init; }

    /// <summary>The id of its cluster.</summary>
    public ulong ClusterId { get; init; }

    /// <summary>The member's own id.</summary>
    public ulong MemberId { get; init; }

    /// <summary>The member that it knows as the leader; 0 if it knows none.</summary>
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

    /// <summary>The alarms of the cluster.</summary>
    public IReadOnlyList<MemberAlarm> Alarms { get; init; } = [];

    /// <summary>The most bytes that its database may have; 0 if it does not tell (before etcd 3.6).</summary>
    public long Quota { get; init; }

    /// <summary>Whether the member answered.</summary>
    public bool Answered => Error is null;

    /// <summary>
    /// Whether the member went back since, or became another: it was restored or replaced. False if it does not answer.
    /// </summary>
    public bool IsBehind(MemberStatus before) => Answered &&
        (ClusterId != before.ClusterId || MemberId != before.MemberId || Revision < before.Revision || RaftTerm < before.RaftTerm ||
            RaftIndex < before.RaftIndex);

    /// <summary>Whether it believes that it is the leader.</summary>
    public bool IsLeader => Leader == MemberId;
}

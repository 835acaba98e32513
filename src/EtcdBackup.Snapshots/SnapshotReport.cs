using System.Text.Json.Serialization;

namespace EtcdBackup.Snapshots;

/// <summary>What was found in a snapshot file (etcd server/storage/schema).</summary>
public sealed record SnapshotReport
{
    /// <summary>The revision that an etcd restored from it starts at; 1 for an empty one.</summary>
    public required long Revision { get; init; }

    /// <summary>
    /// The last key of the <c>key</c> bucket, main revision; 0 when it is empty. <c>etcdutl snapshot status</c> calls this the revision.
    /// </summary>
    public required long LastMainRevision { get; init; }

    /// <summary>The last key of the <c>key</c> bucket, sub revision.</summary>
    public required long LastSubRevision { get; init; }

    /// <summary>Revisions up to here are compacted (<c>finishedCompactRev</c>); 0 for none.</summary>
    public required long CompactedRevision { get; init; }

    /// <summary>A compaction that was in progress (<c>scheduledCompactRev</c>); 0 for none.</summary>
    public required long ScheduledCompactRevision { get; init; }

    /// <summary>Entries of the <c>key</c> bucket: puts and deletions that are still kept.</summary>
    public required long Revisions { get; init; }

    /// <summary>Deletions among them.</summary>
    public required long Tombstones { get; init; }

    /// <summary>Entries of all buckets; <c>totalKey</c> of <c>etcdutl snapshot status</c> before etcd 3.6.</summary>
    public required long TotalKeys { get; init; }

    /// <summary>Bytes of the database; <c>totalSize</c> of <c>etcdutl snapshot status</c>.</summary>
    public required long TotalSize { get; init; }

    /// <summary>Bytes of the pages in use.</summary>
    public required long UsedSize { get; init; }

    /// <summary>Every bucket with its entries and bytes.</summary>
    public required IReadOnlyList<BucketReport> Buckets { get; init; }

    /// <summary>Raft index that the data includes (<c>consistent_index</c>); null when absent.</summary>
    public ulong? ConsistentIndex { get; init; }

    /// <summary>Raft term of that index; null before etcd 3.5.</summary>
    public ulong? Term { get; init; }

    /// <summary>Version of the storage; null before etcd 3.6.</summary>
    public string? StorageVersion { get; init; }

    /// <summary>Version that the cluster agreed on; null when absent.</summary>
    public string? ClusterVersion { get; init; }

    /// <summary>The members of the cluster.</summary>
    public required IReadOnlyList<MemberReport> Members { get; init; }

    /// <summary>Alarms that are raised, e.g. <c>NOSPACE</c>.</summary>
    public required IReadOnlyList<string> Alarms { get; init; }

    /// <summary>Whether authentication is on.</summary>
    public required bool AuthEnabled { get; init; }

    /// <summary>Leases.</summary>
    public required long Leases { get; init; }

    /// <summary>The last put; null if there is none, or if its key is too long. Left out of the JSON, because a key is data.</summary>
    [JsonIgnore]
    public LastPut? LastPut { get; init; }

    /// <summary>What only reading every byte shows; null if that was not requested.</summary>
    public ContentReport? Content { get; init; }
}

/// <summary>One bucket.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Entries">How many entries it has.</param>
/// <param name="Bytes">Bytes of their keys and values.</param>
public sealed record BucketReport(string Name, long Entries, long Bytes);

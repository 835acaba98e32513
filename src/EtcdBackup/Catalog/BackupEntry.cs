using EtcdBackup.Clusters;

namespace EtcdBackup.Catalog;

/// <summary>A backup in the store: what its name and object tell, and its metadata where there is some.</summary>
public sealed record BackupEntry
{
    /// <summary>The name in the cluster's folder.</summary>
    public required BackupName Name { get; init; }

    /// <summary>Bytes of the stored object.</summary>
    public required long StoredSize { get; init; }

    /// <summary>Bytes of the snapshot in it; of the object, where nothing tells.</summary>
    public long Size => Metadata?.Size ?? StoredSize;

    /// <summary>When the object was last written, UTC.</summary>
    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>Changes whenever the object does; empty when unknown.</summary>
    public string ObjectTag { get; init; } = "";

    /// <summary>Changes whenever the metadata document does; empty when there is none.</summary>
    public string DocumentTag { get; init; } = "";

    /// <summary>
    /// The metadata beside it; null when missing or unreadable, as in a store that the original service filled. Lists leave out
    /// <see cref="BackupMetadata.Snapshot"/>, the greatest part of it.
    /// </summary>
    public BackupMetadata? Metadata { get; init; }

    /// <summary>The cluster's version when it was taken.</summary>
    public EtcdVersion Version => Metadata?.Version ?? Name.Version;

    /// <summary>The revision in it.</summary>
    public long Revision => Metadata?.Revision ?? Name.Revision;

    /// <summary>When it was taken.</summary>
    public DateTimeOffset CreationTime => Metadata?.CreationTime ?? StoredAt;

    /// <summary>False once reading it back found it damaged.</summary>
    public bool IsSound => Metadata?.Verification is not { Sound: false };

    /// <summary>The lineage that it belongs to, as its incarnation; 0 when nothing tells.</summary>
    public int Incarnation => Metadata?.Lineage.Incarnation ?? 0;
}

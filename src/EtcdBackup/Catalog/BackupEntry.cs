using EtcdBackup.Clusters;
using EtcdBackup.Encodings;

namespace EtcdBackup.Catalog;

/// <summary>A backup in the store: its name, its object, and its metadata if there is any.</summary>
public sealed record BackupEntry
{
    /// <summary>The name in the cluster's folder.</summary>
    public required BackupName Name { get; init; }

    /// <summary>Bytes of the stored object.</summary>
    public required long StoredSize { get; init; }

    /// <summary>Bytes of the snapshot in it; of the object, if the metadata is missing.</summary>
    public long Size => Metadata?.Size ?? StoredSize;

    /// <summary>When the object was last written, UTC.</summary>
    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>Changes whenever the object does; empty when unknown.</summary>
    public string ObjectTag { get; init; } = "";

    /// <summary>Changes whenever the metadata document does; empty when there is none.</summary>
    public string DocumentTag { get; init; } = "";

    /// <summary>
    /// The metadata beside it; null if missing or unreadable, as in a store of the original service. Lists leave out
    /// <see cref="BackupMetadata.Snapshot"/>, the largest part of it.
    /// </summary>
    public BackupMetadata? Metadata { get; init; }

    /// <summary>The cluster's version when it was taken.</summary>
    public EtcdVersion Version => Metadata?.Version ?? Name.Version;

    /// <summary>Whether it restores a server of this version: what the file needs decides, where it is known.</summary>
    public bool Restores(EtcdVersion server) => Version.Restores(server) || Metadata?.StorageVersion?.Restores(server) == true;

    /// <summary>The revision in it.</summary>
    public long Revision => Metadata?.Revision ?? Name.Revision;

    /// <summary>When it was taken.</summary>
    public DateTimeOffset CreationTime => Metadata?.CreationTime ?? StoredAt;

    /// <summary>False if reading it back found it damaged, or if its object has another size than recorded.</summary>
    public bool IsSound => Metadata?.Verification is not { Sound: false } && HasItsSize;

    /// <summary>What is wrong with it; null if nothing is known.</summary>
    public string? Problem => IsSound ? null : Metadata!.Verification is { Sound: false } read
        ? read.Problem
        : $"it has {StoredSize} bytes, and had {Metadata.StoredSize ?? Metadata.Size}: somebody wrote over it";

    /// <summary>
    /// Whether nothing is known of its bytes before they are read: the object was overwritten since it was written or last read, or its
    /// original tag is unknown, as without metadata, or with metadata of builds that recorded no tag.
    /// </summary>
    public bool IsDoubtful => Metadata is not { } m ||
        (m.Verification is not { Sound: false } && (!HasItsSize || m.ObjectTag != ObjectTag));

    private bool HasItsSize => Metadata is not { } m ||
        ((m.StoredSize ?? StoredSize) == StoredSize && (Name.Encoding != BackupEncoding.None || m.Size == StoredSize));

    /// <summary>The incarnation of its lineage; 0 if unknown.</summary>
    public int Incarnation => Metadata?.Lineage.Incarnation ?? 0;
}

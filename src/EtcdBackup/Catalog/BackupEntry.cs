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

    /// <summary>The metadata beside it; null when missing or unreadable, as in a store that the original service filled.</summary>
    public BackupMetadata? Metadata { get; init; }

    /// <summary>The cluster's version when it was taken.</summary>
    public EtcdVersion Version => Metadata?.Version ?? Name.Version;

    /// <summary>The revision in it.</summary>
    public long Revision => Metadata?.Revision ?? Name.Revision;

    /// <summary>When it was taken.</summary>
    public DateTimeOffset CreationTime => Metadata?.CreationTime ?? StoredAt;

    /// <summary>False once reading it back found it damaged.</summary>
    public bool IsSound => Metadata?.Verification is not { Sound: false };

    /// <summary>The history that it belongs to; 0 when nothing tells.</summary>
    public int Incarnation => Metadata?.Lineage.Incarnation ?? 0;
}

/// <summary>Which backup is which; pure.</summary>
public static class BackupOrder
{
    /// <summary>
    /// Newest first: by history, then by revision (in one history it only grows, and no clock can be wrong about it).
    /// Backups of no known history come by time.
    /// </summary>
    public static IReadOnlyList<BackupEntry> NewestFirst(IEnumerable<BackupEntry> entries) =>
        [.. entries
            .OrderByDescending(e => e.Incarnation)
            .ThenByDescending(e => e.Incarnation > 0 ? e.Revision : 0)
            .ThenByDescending(e => e.CreationTime)
            .ThenByDescending(e => e.Revision)
            .ThenBy(e => e.Name.ToString(), StringComparer.Ordinal)];

    /// <summary>The newest sound backup of the current history: not simply the highest revision, which after a restore is an old one.</summary>
    public static BackupEntry? Latest(IEnumerable<BackupEntry> entries) => NewestFirst(entries.Where(e => e.IsSound)) is [var latest, ..] ? latest : null;

    /// <summary>The backup at exactly this revision from a cluster of exactly this version; of several histories the newest one's.</summary>
    public static BackupEntry? At(IEnumerable<BackupEntry> entries, EtcdVersion version, long revision) =>
        Latest(entries.Where(e => e.Revision == revision && e.Version == version));
}

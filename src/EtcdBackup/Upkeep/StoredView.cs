using EtcdBackup.Catalog;

namespace EtcdBackup.Upkeep;

/// <summary>What is known of a cluster's store, kept in memory.</summary>
internal sealed class StoredView
{
    private readonly Dictionary<BackupName, BackupEntry> _byName;

    /// <summary>Makes a view.</summary>
    /// <param name="entries">The backups.</param>
    /// <param name="listedAt">When the store was last listed, UTC.</param>
    public StoredView(IEnumerable<BackupEntry> entries, DateTimeOffset listedAt)
    {
        Entries = BackupOrder.NewestFirst(entries);
        ListedAt = listedAt;
        _byName = Entries.ToDictionary(e => e.Name);
        Latest = Entries.FirstOrDefault(e => e.IsSound);
        Bytes = Entries.Sum(e => e.StoredSize);
        Damaged = [.. Entries.Where(e => !e.IsSound)];
    }

    /// <summary>All backups, newest first.</summary>
    public IReadOnlyList<BackupEntry> Entries { get; }

    /// <summary>When the store was last listed, UTC.</summary>
    public DateTimeOffset ListedAt { get; }

    /// <summary>The backup that is served: the newest sound one of the current lineage.</summary>
    public BackupEntry? Latest { get; }

    /// <summary>Bytes of all of them in the store.</summary>
    public long Bytes { get; }

    /// <summary>Those that were found damaged.</summary>
    public IReadOnlyList<BackupEntry> Damaged { get; }

    /// <summary>All backups by name, for the next listing.</summary>
    public IReadOnlyDictionary<BackupName, BackupEntry> ByName => _byName;

    /// <summary>One backup; null if there is none of that name.</summary>
    public BackupEntry? Find(BackupName name) => _byName.GetValueOrDefault(name);

    /// <summary>The view with one backup as it is now; null when it is gone.</summary>
    public StoredView With(BackupName name, BackupEntry? entry) =>
        new(entry is null ? Entries.Where(e => e.Name != name) : Entries.Where(e => e.Name != name).Append(entry), ListedAt);
}

namespace EtcdBackup.Catalog;

/// <content>What is removed from the store.</content>
public sealed partial class BackupCatalog
{
    /// <summary>Marks a backup as about to be removed; null if another is removing it.</summary>
    public Task<RemovalMark?> MarkAsync(BackupName name, string owner, CancellationToken cancellationToken) =>
        RemovalMark.TrySetAsync(_store, KeyOf(name), owner, _shared.Now, cancellationToken);

    /// <summary>Whether a backup is being removed: nobody may rely on it.</summary>
    public Task<bool> IsMarkedAsync(BackupName name, CancellationToken cancellationToken) =>
        RemovalMark.IsSetAsync(_store, KeyOf(name), _shared.Now, cancellationToken);

    /// <summary>Removes a backup: first its bytes, then its metadata, so that a half-removed one is never listed.</summary>
    public async Task DeleteAsync(BackupName name, CancellationToken cancellationToken)
    {
        await _store.DeleteAsync(KeyOf(name), cancellationToken);
        await _store.DeleteAsync(DocumentOf(name), cancellationToken);
    }

    /// <summary>
    /// Removes metadata whose backup is gone, and marks, if older than <paramref name="age"/>: an interrupted removal left them.
    /// </summary>
    /// <param name="listing">A new listing of the store.</param>
    /// <param name="age">The age.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were removed.</returns>
    public async Task<int> SweepAsync(CatalogListing listing, TimeSpan age, CancellationToken cancellationToken)
    {
        var kept = listing.Entries.Select(b => b.Name + BackupMetadata.Extension).ToHashSet(StringComparer.Ordinal);
        var swept = 0;
        foreach (var orphan in listing.Others.Where(d => !kept.Contains(d.Name) && _shared.Now - d.LastModified > age))
        {
            // A listing can be late, so the object itself is looked up.
            if (orphan.Name.EndsWith(RemovalMark.Extension, StringComparison.Ordinal) ||
                (BackupMetadata.TryNameOf(orphan.Name, out var backup) && !await ExistsAsync(backup, cancellationToken)))
            {
                await _store.DeleteAsync($"{Folder}/{orphan.Name}", cancellationToken);
                swept++;
            }
        }

        return swept;
    }
}

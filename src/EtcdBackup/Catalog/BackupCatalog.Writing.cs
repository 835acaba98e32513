using System.Text.Json;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Encodings.Age;
using EtcdBackup.Stores;

namespace EtcdBackup.Catalog;

/// <content>What changes the store.</content>
public sealed partial class BackupCatalog
{
    /// <summary>Begins to write a backup, encoded as the spec wants it.</summary>
    /// <exception cref="StoreFullException">There is no room for so many bytes.</exception>
    /// <exception cref="BackupKeyException">There is no key to encrypt it to.</exception>
    public Task<PendingBackup> BeginAsync(long expectedSize, CancellationToken cancellationToken) =>
        PendingBackup.BeginAsync(_store, Folder, expectedSize, EncodingOf(_spec.Backup), _shared.Keys, _shared.Scratch, cancellationToken);

    /// <summary>
    /// Makes a proven snapshot a backup: its bytes first, then its metadata, and looks at what came of it. Never replaces another backup.
    /// </summary>
    /// <param name="pending">Its bytes.</param>
    /// <param name="metadata">What is known of it.</param>
    /// <param name="isDamaged">Whether a backup was found damaged, though the store may not have taken the note.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The backup as it is in the store: its name has a tag if the plain one was taken by other content. Null when another silo
    /// wrote over it in that moment, on a store that does not keep it from that.</returns>
    public async Task<BackupEntry?> CommitAsync(
        PendingBackup pending, BackupMetadata metadata, Predicate<BackupName> isDamaged, CancellationToken cancellationToken)
    {
        metadata = await SealedAsync(metadata, pending.Keys, cancellationToken);
        if (!await pending.TryCommitAsync(metadata.Name.ToString(), cancellationToken))
        {
            if (!isDamaged(metadata.Name) && await FindAsync(metadata.Name, cancellationToken) is { } standing &&
                IsTheSame(standing, metadata))
            {
                return standing;
            }

            // Other content under our name: a rotten one, one without metadata, the original's, or a second activation's. Both stay.
            metadata = metadata with { Name = metadata.Name with { Tag = Lineage.NewTag(_shared.Random) } };
            if (!await pending.TryCommitAsync(metadata.Name.ToString(), cancellationToken))
            {
                throw new StoreException($"'{metadata.Name}' is taken, though its name is random: the backup is tried again");
            }
        }

        var key = KeyOf(metadata.Name);
        if (await _store.StatAsync(key, cancellationToken) is { } stored)
        {
            if (stored.Size != pending.StoredSize)
            {
                // What we know is not of those bytes: the document that tells of them is the other's to write.
                return null;
            }

            metadata = metadata with { StoredSize = stored.Size, ObjectTag = stored.Tag };
            await _store.WriteDocumentAsync(DocumentOf(metadata.Name), metadata.ToJson(), cancellationToken);
        }

        return await FindAsync(metadata.Name, cancellationToken) is { Metadata: not null } entry
            ? entry
            : throw new StoreException($"'{key}' was written, and the store does not have it: look for what else deletes there");
    }

    /// <summary>
    /// Notes in a backup's metadata how it was read back; not when the backup was deleted meanwhile, nor over a document that a newer
    /// build wrote: this one would lose what it does not know.
    /// </summary>
    /// <param name="name">Which backup.</param>
    /// <param name="noted">What the document is to say, from what it says now (null when it says nothing that can be read).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The backup afterwards; null when it is gone.</returns>
    public async Task<BackupEntry?> NoteAsync(
        BackupName name, Func<BackupMetadata?, BackupMetadata> noted, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(name, cancellationToken))
        {
            return null;
        }

        var standing = await _store.ReadDocumentAsync(DocumentOf(name), cancellationToken);
        if (standing is null || !BackupMetadata.IsNewer(standing))
        {
            await _store.WriteDocumentAsync(DocumentOf(name), noted(Parse(name, standing)).ToJson(), cancellationToken);
        }

        return await FindAsync(name, cancellationToken);
    }

    /// <summary>Removes a backup: first its bytes, then its metadata, so that a half-removed one is never listed.</summary>
    public async Task DeleteAsync(BackupName name, CancellationToken cancellationToken)
    {
        await _store.DeleteAsync(KeyOf(name), cancellationToken);
        await _store.DeleteAsync(DocumentOf(name), cancellationToken);
    }

    /// <summary>
    /// Keeps a snapshot that is not sound under a name that is no backup's, with the reason beside it; one per member, the newest.
    /// </summary>
    /// <returns>Its key.</returns>
    public async Task<string> QuarantineAsync(
        PendingBackup pending, QuarantineName what, string reason, CancellationToken cancellationToken)
    {
        var name = what.ToString(pending.Encoding);
        await foreach (var stored in _store.ListAsync(Folder, cancellationToken))
        {
            if (what.IsOfSameMember(stored.Name))
            {
                await _store.DeleteAsync($"{Folder}/{stored.Name}", cancellationToken);
                await _store.DeleteAsync($"{Folder}/{stored.Name}{BackupMetadata.Extension}", cancellationToken);
            }
        }

        await pending.TryCommitAsync(name, cancellationToken);
        await _store.WriteDocumentAsync($"{Folder}/{name}{BackupMetadata.Extension}", QuarantineName.Reason(reason), cancellationToken);
        return $"{Folder}/{name}";
    }

    /// <summary>
    /// Removes metadata whose backup is gone, when older than <paramref name="age"/>: what a removal that broke off left.
    /// </summary>
    /// <param name="listing">What was found in the store just now.</param>
    /// <param name="age">How old.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many went.</returns>
    public async Task<int> SweepAsync(CatalogListing listing, TimeSpan age, CancellationToken cancellationToken)
    {
        var kept = listing.Entries.Select(b => b.Name + BackupMetadata.Extension).ToHashSet(StringComparer.Ordinal);
        var swept = 0;
        foreach (var orphan in listing.Others.Where(d => !kept.Contains(d.Name) && _shared.Now - d.LastModified > age))
        {
            // A listing can be late: the object itself is asked for.
            if (BackupMetadata.TryNameOf(orphan.Name, out var backup) && !await ExistsAsync(backup, cancellationToken))
            {
                await _store.DeleteAsync($"{Folder}/{orphan.Name}", cancellationToken);
                swept++;
            }
        }

        return swept;
    }

    // A key is data: it is encrypted where the backup is.
    private static async Task<BackupMetadata> SealedAsync(BackupMetadata metadata, AgeKeyring? keys, CancellationToken cancellationToken) =>
        keys is null || metadata.LastPut is not { } put ? metadata
            : metadata with
            {
                LastPut = null,
                SealedLastPut = await SealedBytes.SealAsync(JsonSerializer.SerializeToUtf8Bytes(put), keys, cancellationToken),
            };

    private static BackupEncoding EncodingOf(BackupSpec backup) =>
        (backup.Compression == Compression.Zstd ? BackupEncoding.Zstd : 0) | (backup.Encryption == Encryption.Age ? BackupEncoding.Age : 0);

    // The same bytes, and nobody found them rotten since.
    private static bool IsTheSame(BackupEntry standing, BackupMetadata ours) =>
        standing is { IsSound: true, IsDoubtful: false, Metadata: { } theirs } && theirs.Sha256 == ours.Sha256 &&
            theirs.Lineage.Incarnation == ours.Lineage.Incarnation &&
        (standing.Name.Encoding != BackupEncoding.None || standing.StoredSize == ours.Size);
}

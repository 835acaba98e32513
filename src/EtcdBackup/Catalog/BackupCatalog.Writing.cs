using System.Text.Json;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Encodings.Age;
using EtcdBackup.Stores;

namespace EtcdBackup.Catalog;

/// <content>What is written to the store.</content>
public sealed partial class BackupCatalog
{
    /// <summary>Begins to write a backup, encoded as the spec says.</summary>
    /// <exception cref="StoreFullException">There is no room for this many bytes.</exception>
    /// <exception cref="BackupKeyException">There is no key to encrypt it to.</exception>
    public Task<PendingBackup> BeginAsync(long expectedSize, CancellationToken cancellationToken) =>
        PendingBackup.BeginAsync(_store, Folder, expectedSize, EncodingOf(_spec.Backup), _shared.Keys, _shared.Scratch, cancellationToken);

    /// <summary>
    /// Makes a proven snapshot a backup: writes first its bytes, then its metadata, and reads the result. Never replaces another backup.
    /// </summary>
    /// <param name="pending">Its bytes.</param>
    /// <param name="metadata">Its metadata.</param>
    /// <param name="isDamaged">Whether a backup was found damaged, even if the store did not record that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The backup as it is in the store: its name has a tag if the plain one was taken by other content. Null if another silo
    /// overwrote it in that moment, on a store that ignores create-if-absent.</returns>
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

            // The name has other content: damaged, without metadata, the original service's, or a second activation's. Both stay.
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
                // The bytes are not ours: the other silo writes their document.
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
    /// Records in a backup's metadata the result of reading it back; not if the backup was deleted meanwhile, nor over a document of a
    /// newer build: this build would lose what it does not know.
    /// </summary>
    /// <param name="name">The backup.</param>
    /// <param name="noted">Makes the new document from the present one (null if that cannot be read).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The backup afterwards; null if it was deleted.</returns>
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

    /// <summary>
    /// Quarantines a snapshot that is not sound, with the reason beside it; for each member only the newest is kept.
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

    // A key of etcd is data: it is encrypted if the backup is.
    private static async Task<BackupMetadata> SealedAsync(BackupMetadata metadata, AgeKeyring? keys, CancellationToken cancellationToken) =>
        keys is null || metadata.LastPut is not { } put ? metadata
            : metadata with
            {
                LastPut = null,
                SealedLastPut = await SealedBytes.SealAsync(JsonSerializer.SerializeToUtf8Bytes(put), keys, cancellationToken),
            };

    private static BackupEncoding EncodingOf(BackupSpec backup) =>
        (backup.Compression == Compression.Zstd ? BackupEncoding.Zstd : 0) | (backup.Encryption == Encryption.Age ? BackupEncoding.Age : 0);

    // The same bytes, and they were not found damaged since.
    private static bool IsTheSame(BackupEntry standing, BackupMetadata ours) =>
        standing is { IsSound: true, IsDoubtful: false, Metadata: { } theirs } && theirs.Sha256 == ours.Sha256 &&
            theirs.Lineage.Incarnation == ours.Lineage.Incarnation &&
        (standing.Name.Encoding != BackupEncoding.None || standing.StoredSize == ours.Size);
}

using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Catalog;

/// <summary>The backups of one cluster in its store, as objects and documents. It remembers nothing: the store is the truth.</summary>
public sealed partial class BackupCatalog
{
    private const int DocumentsAtOnce = 8;

    private readonly IBackupStore _store;
    private readonly ClusterSpec _spec;
    private readonly BackupCatalogs _shared;

    internal BackupCatalog(IBackupStore store, ClusterSpec spec, BackupCatalogs shared)
    {
        (_store, _spec, _shared) = (store, spec, shared);
        Folder = $"v1/{spec.Key.Namespace}/{spec.Key.Name}";
    }

    /// <summary>The cluster's folder: <c>v1/NAMESPACE/NAME</c>.</summary>
    public string Folder { get; }

    /// <summary>The key of a backup in the store.</summary>
    public string KeyOf(BackupName name) => $"{Folder}/{name}";

    /// <summary>Lists all backups. Foreign files are no backups.</summary>
    /// <param name="known">Entries of an earlier listing: where neither object nor document changed, they are taken over and nothing is
    /// read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CatalogListing> ListAsync(IReadOnlyDictionary<BackupName, BackupEntry> known, CancellationToken cancellationToken)
    {
        // A listing in pages can show an object twice, when others come or go meanwhile.
        var found = new Dictionary<BackupName, StoredObject>();
        var others = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        await foreach (var stored in _store.ListAsync(Folder, cancellationToken))
        {
            if (BackupName.TryParse(stored.Name, out var name))
            {
                found[name] = stored;
            }
            else
            {
                others[stored.Name] = stored;
            }
        }

        var backups = found.ToArray();
        var entries = new BackupEntry[backups.Length];
        await Bounded.ForAsync(backups.Length, DocumentsAtOnce, async i =>
        {
            var (name, stored) = backups[i];
            var document = others.GetValueOrDefault(stored.Name + BackupMetadata.Extension);
            entries[i] = known.GetValueOrDefault(name) is { } before && before.ObjectTag == stored.Tag &&
                before.DocumentTag == (document?.Tag ?? "")
                ? before
                : Entry(name, stored, document?.Tag ?? "", document is null ? null
                    : (await ReadAsync(name, cancellationToken))?.WithoutSnapshot());
        });
        return new CatalogListing(BackupOrder.NewestFirst(entries), others.Values);
    }

    /// <summary>Looks at one backup anew, with all its metadata; null when it is not in the store.</summary>
    public async Task<BackupEntry?> FindAsync(BackupName name, CancellationToken cancellationToken)
    {
        if (await _store.StatAsync(KeyOf(name), cancellationToken) is not { } stored)
        {
            return null;
        }

        var document = await _store.StatAsync(DocumentOf(name), cancellationToken);
        return Entry(name, stored, document?.Tag ?? "", document is null ? null : await ReadAsync(name, cancellationToken));
    }

    /// <summary>Whether object and document are those of the entry still.</summary>
    public async Task<bool> IsAsListedAsync(BackupEntry entry, CancellationToken cancellationToken) =>
        await _store.StatAsync(KeyOf(entry.Name), cancellationToken) is { } stored && stored.Tag == entry.ObjectTag &&
        ((await _store.StatAsync(DocumentOf(entry.Name), cancellationToken))?.Tag ?? "") == entry.DocumentTag;

    /// <summary>Whether the backup is in the store.</summary>
    public async Task<bool> ExistsAsync(BackupName name, CancellationToken cancellationToken) =>
        await _store.StatAsync(KeyOf(name), cancellationToken) is not null;

    /// <summary>Opens a backup as the snapshot that etcd gave; the stream can seek.</summary>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="EncodingException">It was compressed or encrypted, and cannot be opened.</exception>
    public async Task<Stream> OpenAsync(BackupName name, CancellationToken cancellationToken) =>
        await StoredBackup.OpenAsync(
            await _store.OpenAsync(KeyOf(name), cancellationToken), name.Encoding, _shared.Keys, cancellationToken);

    /// <summary>Gives a backup as a local file of the snapshot that etcd gave.</summary>
    /// <param name="name">Which.</param>
    /// <param name="pace">Told how many bytes were read so far, to slow the reading down.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="EncodingException">It was compressed or encrypted, and cannot be opened.</exception>
    public async Task<LocalCopy> GetLocalAsync(BackupName name, Func<long, ValueTask> pace, CancellationToken cancellationToken) =>
        await StoredBackup.GetLocalAsync(await OpenAsync(name, cancellationToken), _shared.VerifyScratch, pace, cancellationToken);

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
    /// <returns>The backup as it is in the store: its name has a tag if the plain one was taken by other content.</returns>
    public async Task<BackupEntry> CommitAsync(
        PendingBackup pending, BackupMetadata metadata, Predicate<BackupName> isDamaged, CancellationToken cancellationToken)
    {
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

    private static BackupEncoding EncodingOf(BackupSpec backup) =>
        (backup.Compression == Compression.Zstd ? BackupEncoding.Zstd : 0) | (backup.Encryption == Encryption.Age ? BackupEncoding.Age : 0);

    // The same bytes, and nobody found them rotten since.
    private static bool IsTheSame(BackupEntry standing, BackupMetadata ours) =>
        standing is { IsSound: true, IsDoubtful: false, Metadata: { } theirs } && theirs.Sha256 == ours.Sha256 &&
            theirs.Lineage.Incarnation == ours.Lineage.Incarnation &&
        (standing.Name.Encoding != BackupEncoding.None || standing.StoredSize == ours.Size);

    private static BackupEntry Entry(BackupName name, StoredObject stored, string documentTag, BackupMetadata? metadata) => new()
    {
        Name = name,
        StoredSize = stored.Size,
        StoredAt = stored.LastModified,
        ObjectTag = stored.Tag,
        DocumentTag = documentTag,
        Metadata = metadata,
    };

    private string DocumentOf(BackupName name) => KeyOf(name) + BackupMetadata.Extension;

    private async Task<BackupMetadata?> ReadAsync(BackupName name, CancellationToken cancellationToken) =>
        Parse(name, await _store.ReadDocumentAsync(DocumentOf(name), cancellationToken));

    private BackupMetadata? Parse(BackupName name, byte[]? json)
    {
        try
        {
            return json is null ? null : BackupMetadata.FromJson(json);
        }
        catch (FormatException e)
        {
            LogUnreadable(_shared.Logger, name, _spec.Key, e);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The metadata of {Backup} of {Cluster} cannot be read; its name and its object stand in")]
    private static partial void LogUnreadable(ILogger logger, BackupName backup, ClusterKey cluster, Exception exception);
}

/// <summary>What a listing of a cluster's folder found.</summary>
/// <param name="Entries">The backups, newest first.</param>
/// <param name="Others">All other objects: documents, quarantined files, foreign ones.</param>
public sealed record CatalogListing(IReadOnlyList<BackupEntry> Entries, IReadOnlyCollection<StoredObject> Others);

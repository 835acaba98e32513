using System.Text.Json;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Stores;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Catalog;

/// <summary>The backups of one cluster in its store. The store is the truth: all that is remembered here is documents that have not changed.</summary>
public sealed partial class BackupCatalog
{
    private const string AsideSuffix = "_etcd.corrupt";
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

    /// <summary>All backups, newest first. Foreign files are no backups.</summary>
    public async Task<IReadOnlyList<BackupEntry>> ListAsync(CancellationToken cancellationToken)
    {
        var (backups, documents) = await ListObjectsAsync(cancellationToken);
        var entries = new BackupEntry[backups.Count];
        await Parallel.ForAsync(0, backups.Count, new ParallelOptions { MaxDegreeOfParallelism = DocumentsAtOnce, CancellationToken = cancellationToken }, async (i, cancel) =>
        {
            var (name, stored) = backups[i];
            entries[i] = new BackupEntry
            {
                Name = name,
                StoredSize = stored.Size,
                StoredAt = stored.LastModified,
                Metadata = documents.TryGetValue(stored.Name + BackupMetadata.Extension, out var document) ? await MetadataAsync(name, document, cancel) : null,
            };
        });

        return BackupOrder.NewestFirst(entries);
    }

    /// <summary>One backup; null when it is not in the store.</summary>
    public async Task<BackupEntry?> FindAsync(BackupName name, CancellationToken cancellationToken) =>
        await _store.StatAsync(KeyOf(name), cancellationToken) is { } stored
            ? new BackupEntry { Name = name, StoredSize = stored.Size, StoredAt = stored.LastModified, Metadata = await ReadAsync(name, cancellationToken) }
            : null;

    /// <summary>Opens a backup as the snapshot that etcd gave; the stream can seek.</summary>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="EncodingException">It was compressed or encrypted, and cannot be opened.</exception>
    public async Task<Stream> OpenAsync(BackupName name, CancellationToken cancellationToken) =>
        await StoredBackup.OpenAsync(await _store.OpenAsync(KeyOf(name), cancellationToken), name.Encoding, _shared.Keys, cancellationToken);

    /// <summary>Gives a backup as a local file of the snapshot that etcd gave.</summary>
    /// <param name="name">Which.</param>
    /// <param name="pace">Told how many bytes were read so far, to slow the reading down.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="EncodingException">It was compressed or encrypted, and cannot be opened.</exception>
    public async Task<LocalCopy> GetLocalAsync(BackupName name, Func<long, ValueTask> pace, CancellationToken cancellationToken) =>
        await StoredBackup.GetLocalAsync(await OpenAsync(name, cancellationToken), _shared.Scratch, pace, cancellationToken);

    /// <summary>Begins to write a backup, encoded as the spec wants it.</summary>
    /// <exception cref="StoreFullException">There is no room for so many bytes.</exception>
    /// <exception cref="BackupKeyException">There is no key to encrypt it to.</exception>
    public Task<PendingBackup> BeginAsync(long expectedSize, CancellationToken cancellationToken) =>
        PendingBackup.BeginAsync(_store, Folder, expectedSize, EncodingOf(_spec.Backup), _shared.Keys, _shared.Scratch, cancellationToken);

    /// <summary>Whether the backup is in the store.</summary>
    public async Task<bool> ExistsAsync(BackupName name, CancellationToken cancellationToken) =>
        await _store.StatAsync(KeyOf(name), cancellationToken) is not null;

    /// <summary>Makes a proven snapshot a backup: its bytes first, then its metadata. Never replaces another backup.</summary>
    /// <returns>The metadata as stored: its name has a tag if the plain one was taken by other content.</returns>
    public async Task<BackupMetadata> CommitAsync(PendingBackup pending, BackupMetadata metadata, CancellationToken cancellationToken)
    {
        if (!await pending.TryCommitAsync(metadata.Name.ToString(), cancellationToken))
        {
            if (await ReadAsync(metadata.Name, cancellationToken) is { } standing && standing.Sha256 == metadata.Sha256)
            {
                return standing;
            }

            // Other content under our name: a leftover without metadata, the original's, or a second activation's. Both stay.
            metadata = metadata with { Name = metadata.Name with { Tag = Guid.NewGuid().ToString("N")[..8] } };
            if (!await pending.TryCommitAsync(metadata.Name.ToString(), cancellationToken))
            {
                throw new IOException($"'{metadata.Name}' is taken, though its name is random");
            }
        }

        await _store.WriteDocumentAsync(KeyOf(metadata.Name) + BackupMetadata.Extension, metadata.ToJson(), cancellationToken);
        return metadata;
    }

    /// <summary>Keeps a snapshot that is not sound under a name that is no backup's, with the reason beside it; one per member, the newest.</summary>
    /// <returns>Its key.</returns>
    public async Task<string> KeepAsideAsync(PendingBackup pending, string what, string reason, CancellationToken cancellationToken)
    {
        var name = what + AsideSuffix + pending.Encoding.Suffix();
        var member = (what + AsideSuffix)[(what.IndexOf('_', StringComparison.Ordinal) + 17)..];
        await foreach (var stored in _store.ListAsync(Folder, cancellationToken))
        {
            if (stored.Name.Contains(member, StringComparison.Ordinal) && !stored.Name.EndsWith(BackupMetadata.Extension, StringComparison.Ordinal))
            {
                await _store.DeleteAsync($"{Folder}/{stored.Name}", cancellationToken);
                await _store.DeleteAsync($"{Folder}/{stored.Name}{BackupMetadata.Extension}", cancellationToken);
            }
        }

        await pending.TryCommitAsync(name, cancellationToken);
        await _store.WriteDocumentAsync($"{Folder}/{name}{BackupMetadata.Extension}", JsonSerializer.SerializeToUtf8Bytes(new { reason }), cancellationToken);
        return $"{Folder}/{name}";
    }

    /// <summary>
    /// Notes in a backup's metadata how its last reading came out; not when the backup was deleted meanwhile,
    /// nor over a document that a newer build wrote: this one would lose what it does not know.
    /// </summary>
    public async Task NoteAsync(BackupMetadata metadata, CancellationToken cancellationToken)
    {
        var document = KeyOf(metadata.Name) + BackupMetadata.Extension;
        if (await ExistsAsync(metadata.Name, cancellationToken) &&
            !(await _store.ReadDocumentAsync(document, cancellationToken) is { } standing && BackupMetadata.IsNewer(standing)))
        {
            await _store.WriteDocumentAsync(document, metadata.ToJson(), cancellationToken);
        }
    }

    /// <summary>Removes a backup: first its bytes, then its metadata, so that a half-removed one is never listed.</summary>
    public async Task DeleteAsync(BackupName name, CancellationToken cancellationToken)
    {
        await _store.DeleteAsync(KeyOf(name), cancellationToken);
        await _store.DeleteAsync(KeyOf(name) + BackupMetadata.Extension, cancellationToken);
    }

    /// <summary>Removes metadata whose backup is gone, when older than <paramref name="age"/>: what a removal that broke off left.</summary>
    /// <returns>How many went.</returns>
    public async Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        var (backups, documents) = await ListObjectsAsync(cancellationToken);
        var kept = backups.Select(b => b.Stored.Name + BackupMetadata.Extension).ToHashSet(StringComparer.Ordinal);
        var swept = 0;
        foreach (var orphan in documents.Values.Where(d => IsMetadata(d.Name) && !kept.Contains(d.Name) && _shared.Now - d.LastModified > age))
        {
            await _store.DeleteAsync($"{Folder}/{orphan.Name}", cancellationToken);
            swept++;
        }

        return swept;
    }

    private static BackupEncoding EncodingOf(BackupSpec backup) =>
        (backup.Compression == Compression.Zstd ? BackupEncoding.Zstd : 0) | (backup.Encryption == Encryption.Age ? BackupEncoding.Age : 0);

    private static bool IsMetadata(string name) =>
        name.EndsWith(BackupMetadata.Extension, StringComparison.Ordinal) && BackupName.TryParse(name[..^BackupMetadata.Extension.Length], out _);

    private async Task<(List<(BackupName Name, StoredObject Stored)> Backups, Dictionary<string, StoredObject> Documents)> ListObjectsAsync(CancellationToken cancellationToken)
    {
        var backups = new List<(BackupName, StoredObject)>();
        var documents = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        await foreach (var stored in _store.ListAsync(Folder, cancellationToken))
        {
            if (BackupName.TryParse(stored.Name, out var name))
            {
                backups.Add((name, stored));
            }
            else
            {
                documents[stored.Name] = stored;
            }
        }

        return (backups, documents);
    }

    // A status asks for all of them, and hardly any ever changes.
    private async Task<BackupMetadata?> MetadataAsync(BackupName name, StoredObject document, CancellationToken cancellationToken)
    {
        var key = (_store, KeyOf(name), document.Tag);
        if (!_shared.Documents.TryGetValue(key, out BackupMetadata? metadata))
        {
            metadata = await ReadAsync(name, cancellationToken);
            using var entry = _shared.Documents.CreateEntry(key);
            entry.Size = 1;
            entry.Value = metadata;
        }

        return metadata;
    }

    private async Task<BackupMetadata?> ReadAsync(BackupName name, CancellationToken cancellationToken)
    {
        var json = await _store.ReadDocumentAsync(KeyOf(name) + BackupMetadata.Extension, cancellationToken);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The metadata of {Backup} of {Cluster} cannot be read; its name and its object stand in")]
    private static partial void LogUnreadable(ILogger logger, BackupName backup, ClusterKey cluster, Exception exception);
}

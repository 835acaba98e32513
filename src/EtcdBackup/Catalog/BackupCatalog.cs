using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Catalog;

/// <summary>The backups of one cluster in its store, as objects and documents. It remembers nothing.</summary>
public sealed partial class BackupCatalog
{
    private const int DocumentsAtOnce = 8;

    // Our documents have some kilobytes.
    private const long LargestDocument = 16 * 1024 * 1024;

    private readonly IBackupStore _store;
    private readonly ClusterSpec _spec;
    private readonly BackupCatalogs _shared;

    internal BackupCatalog(IBackupStore store, ClusterSpec spec, BackupCatalogs shared)
    {
        (_store, _spec, _shared) = (store, spec, shared);
        Folder = $"{StoreLayout.Backups}/{spec.Key.Namespace}/{spec.Key.Name}";
    }

    /// <summary>The cluster's folder: <c>v1/NAMESPACE/NAME</c>.</summary>
    public string Folder { get; }

    /// <summary>The key of a backup in the store.</summary>
    public string KeyOf(BackupName name) => $"{Folder}/{name}";

    /// <summary>Lists all backups. Other files are left out.</summary>
    /// <param name="known">Entries of an earlier listing: they are used again, without reading, if neither object nor document
    /// changed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CatalogListing> ListAsync(IReadOnlyDictionary<BackupName, BackupEntry> known, CancellationToken cancellationToken)
    {
        // A listing in pages can show an object twice, if others are added or removed meanwhile.
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
                : Entry(name, stored, document?.Tag ?? "", (await ReadAsync(name, document, cancellationToken))?.WithoutSnapshot());
        });
        return new CatalogListing(BackupOrder.NewestFirst(entries), others.Values);
    }

    /// <summary>Reads one backup again, with all its metadata; null if it is not in the store.</summary>
    public async Task<BackupEntry?> FindAsync(BackupName name, CancellationToken cancellationToken)
    {
        if (await _store.StatAsync(KeyOf(name), cancellationToken) is not { } stored)
        {
            return null;
        }

        var document = await _store.StatAsync(DocumentOf(name), cancellationToken);
        return Entry(name, stored, document?.Tag ?? "", await ReadAsync(name, document, cancellationToken));
    }

    /// <summary>Whether object and document are still those of the entry.</summary>
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

    /// <summary>Gets a backup as a local file of the snapshot that etcd gave.</summary>
    /// <param name="name">The backup.</param>
    /// <param name="pace">Called with the bytes read so far, to limit the speed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="EncodingException">It was compressed or encrypted, and cannot be opened.</exception>
    public async Task<LocalCopy> GetLocalAsync(BackupName name, Func<long, ValueTask> pace, CancellationToken cancellationToken) =>
        await StoredBackup.GetLocalAsync(await OpenAsync(name, cancellationToken), _shared.VerifyScratch, pace, cancellationToken);

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

    private async Task<BackupMetadata?> ReadAsync(BackupName name, StoredObject? document, CancellationToken cancellationToken)
    {
        if (document?.Size > LargestDocument)
        {
            LogUnreadable(_shared.Logger, name, _spec.Key, new FormatException($"the metadata has {document.Size} bytes"));
            return null;
        }

        return document is null ? null : Parse(name, await _store.ReadDocumentAsync(DocumentOf(name), cancellationToken));
    }

    private BackupMetadata? Parse(BackupName name, byte[]? json)
    {
        try
        {
            return json is null ? null : BackupMetadata.FromJson(json, name);
        }
        catch (FormatException e)
        {
            LogUnreadable(_shared.Logger, name, _spec.Key, e);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The metadata of {Backup} of {Cluster} cannot be read; its name and its object are used instead")]
    private static partial void LogUnreadable(ILogger logger, BackupName backup, ClusterKey cluster, Exception exception);
}

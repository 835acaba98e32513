using System.Text.Json;
using EtcdBackup.Clusters;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Catalog;

/// <summary>The backups of one cluster in its store. The store is the truth: nothing is remembered here.</summary>
public sealed partial class BackupCatalog(IBackupStore store, ClusterKey cluster, ILogger logger)
{
    private const string AsideSuffix = "_etcd.corrupt";

    /// <summary>The cluster's folder: <c>v1/NAMESPACE/NAME</c>.</summary>
    public string Folder { get; } = $"v1/{cluster.Namespace}/{cluster.Name}";

    /// <summary>The key of a backup in the store.</summary>
    public string KeyOf(BackupName name) => $"{Folder}/{name}";

    /// <summary>All backups, newest first. Foreign files are no backups.</summary>
    public async Task<IReadOnlyList<BackupEntry>> ListAsync(CancellationToken cancellationToken)
    {
        var entries = new List<BackupEntry>();
        var documents = new HashSet<string>(StringComparer.Ordinal);
        var backups = new List<(BackupName Name, StoredObject Stored)>();
        await foreach (var stored in store.ListAsync(Folder, cancellationToken))
        {
            if (BackupName.TryParse(stored.Name, out var name))
            {
                backups.Add((name, stored));
            }
            else
            {
                documents.Add(stored.Name);
            }
        }

        foreach (var (name, stored) in backups)
        {
            entries.Add(new BackupEntry
            {
                Name = name,
                StoredSize = stored.Size,
                StoredAt = stored.LastModified,
                Metadata = documents.Contains(stored.Name + BackupMetadata.Extension) ? await MetadataAsync(name, cancellationToken) : null,
            });
        }

        return BackupOrder.NewestFirst(entries);
    }

    /// <summary>Whether the backup is in the store.</summary>
    public async Task<bool> ExistsAsync(BackupName name, CancellationToken cancellationToken) =>
        await store.StatAsync(KeyOf(name), cancellationToken) is not null;

    /// <summary>Makes a proven snapshot a backup: its bytes first, then its metadata. Never replaces another backup.</summary>
    /// <returns>The metadata as stored: its name has a tag if the plain one was taken by other content.</returns>
    public async Task<BackupMetadata> CommitAsync(IPendingObject pending, BackupMetadata metadata, CancellationToken cancellationToken)
    {
        if (!await pending.TryCommitAsync(metadata.Name.ToString(), cancellationToken))
        {
            if (await MetadataAsync(metadata.Name, cancellationToken) is { } standing && standing.Sha256 == metadata.Sha256)
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

        await store.WriteDocumentAsync(KeyOf(metadata.Name) + BackupMetadata.Extension, metadata.ToJson(), cancellationToken);
        return metadata;
    }

    /// <summary>Keeps a snapshot that is not sound under a name that is no backup's, with the reason beside it; one per member, the newest.</summary>
    /// <returns>Its key.</returns>
    public async Task<string> KeepAsideAsync(IPendingObject pending, string what, string reason, CancellationToken cancellationToken)
    {
        var name = what + AsideSuffix;
        var member = name[(name.IndexOf('_', StringComparison.Ordinal) + 17)..];
        await foreach (var stored in store.ListAsync(Folder, cancellationToken))
        {
            if (stored.Name.EndsWith(member, StringComparison.Ordinal))
            {
                await store.DeleteAsync($"{Folder}/{stored.Name}", cancellationToken);
                await store.DeleteAsync($"{Folder}/{stored.Name}{BackupMetadata.Extension}", cancellationToken);
            }
        }

        await pending.TryCommitAsync(name, cancellationToken);
        await store.WriteDocumentAsync($"{Folder}/{name}{BackupMetadata.Extension}", JsonSerializer.SerializeToUtf8Bytes(new { reason }), cancellationToken);
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
            !(await store.ReadDocumentAsync(document, cancellationToken) is { } standing && BackupMetadata.IsNewer(standing)))
        {
            await store.WriteDocumentAsync(document, metadata.ToJson(), cancellationToken);
        }
    }

    /// <summary>Removes a backup: first its bytes, then its metadata, so that a half-removed one is never listed.</summary>
    public async Task DeleteAsync(BackupName name, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(KeyOf(name), cancellationToken);
        await store.DeleteAsync(KeyOf(name) + BackupMetadata.Extension, cancellationToken);
    }

    private async Task<BackupMetadata?> MetadataAsync(BackupName name, CancellationToken cancellationToken)
    {
        var json = await store.ReadDocumentAsync(KeyOf(name) + BackupMetadata.Extension, cancellationToken);
        try
        {
            return json is null ? null : BackupMetadata.FromJson(json);
        }
        catch (FormatException e)
        {
            LogUnreadable(logger, name, cluster, e);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The metadata of {Backup} of {Cluster} cannot be read; its name and its object stand in")]
    private static partial void LogUnreadable(ILogger logger, BackupName backup, ClusterKey cluster, Exception exception);
}

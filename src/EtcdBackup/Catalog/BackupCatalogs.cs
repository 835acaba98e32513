using System.Text.Json;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Catalog;

/// <summary>Makes the catalog of each cluster, and holds what the catalogs share.</summary>
/// <param name="stores">The stores.</param>
/// <param name="scratch">The directory for the plain bytes of backups that are stored compressed or encrypted.</param>
/// <param name="verifyScratch">The directory for copies of backups that are read back.</param>
/// <param name="keys">The keys of encrypted backups.</param>
/// <param name="time">The clock.</param>
/// <param name="random">For tags.</param>
/// <param name="logger">Logs documents that cannot be read.</param>
public sealed partial class BackupCatalogs(
    IBackupStores stores, Scratch scratch, Scratch verifyScratch, AgeFiles keys, TimeProvider time, Random random,
        ILogger<BackupCatalog> logger)
{
    internal AgeFiles Keys => keys;

    internal Scratch Scratch => scratch;

    internal Scratch VerifyScratch => verifyScratch;

    internal ILogger Logger => logger;

    internal Random Random => random;

    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The catalog of a cluster's backups.</summary>
    /// <exception cref="StoreException">The secret of its store cannot be read.</exception>
    public async ValueTask<BackupCatalog> ForAsync(ClusterSpec spec, CancellationToken cancellationToken) =>
        new(await stores.ForAsync(spec, cancellationToken), spec, this);

    /// <summary>The store of a cluster's backups.</summary>
    /// <exception cref="StoreException">The secret of its store cannot be read.</exception>
    internal ValueTask<IBackupStore> StoreOfAsync(ClusterSpec spec, CancellationToken cancellationToken) =>
        stores.ForAsync(spec, cancellationToken);

    /// <summary>Whether there is a key for a backup; true if its metadata does not say which key it needs.</summary>
    public bool CanOpen(BackupEntry backup)
    {
        if (!backup.Name.Encoding.HasFlag(BackupEncoding.Age) || backup.Metadata?.KeyId is not { } keyId)
        {
            return true;
        }

        try
        {
            return keys.Read().Identities.Any(i => i.Recipient.Text == keyId);
        }
        catch (BackupKeyException)
        {
            return false;
        }
    }

    /// <summary>The last put that a backup holds.</summary>
    /// <returns>Null if it is unknown, or if no key opens it.</returns>
    public async ValueTask<LastPut?> LastPutOfAsync(BackupEntry? backup, CancellationToken cancellationToken)
    {
        if (backup?.Metadata is not { SealedLastPut: { } bytes } metadata)
        {
            return backup?.Metadata?.LastPut;
        }

        try
        {
            return JsonSerializer.Deserialize<LastPut>(await SealedBytes.OpenAsync(bytes, keys, cancellationToken));
        }
        catch (Exception e) when (e is BackupKeyException or EncodingException or JsonException)
        {
            LogNotOpened(backup.Name, e.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The last put of backup {Backup} cannot be opened ({Why}): only the position shows whether the cluster was recreated")]
    private partial void LogNotOpened(BackupName backup, string why);
}

using System.Text.Json;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Catalog;

/// <summary>Gives the catalog of each cluster, and holds what they share.</summary>
/// <param name="stores">The stores.</param>
/// <param name="scratch">For the plain bytes of backups that are stored compressed or encrypted.</param>
/// <param name="verifyScratch">For copies of backups that are read back.</param>
/// <param name="keys">The keys of encrypted backups.</param>
/// <param name="time">The clock.</param>
/// <param name="random">For tags.</param>
/// <param name="logger">Tells of documents that cannot be read.</param>
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

    /// <summary>Whether there is a key for a backup; where its metadata does not say which it needs, there may be.</summary>
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
    /// <returns>Null when it is not known, or no key opens what is.</returns>
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
        "The last put of backup {Backup} cannot be opened ({Why}): whether its cluster was made anew, its position alone tells")]
    private partial void LogNotOpened(BackupName backup, string why);
}

using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Stores;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Catalog;

/// <summary>Gives the catalog of each cluster, and holds what they share.</summary>
/// <param name="stores">The stores.</param>
/// <param name="keys">The keys of encrypted backups.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Tells of documents that cannot be read.</param>
public sealed class BackupCatalogs(StoreProvider stores, AgeFiles keys, TimeProvider time, ILogger<BackupCatalog> logger) : IDisposable
{
    // About 2 KiB each.
    private const int DocumentsKept = 50_000;

    internal AgeFiles Keys => keys;

    internal Scratch Scratch => stores.Scratch;

    internal ILogger Logger => logger;

    internal DateTimeOffset Now => time.GetUtcNow();

    internal MemoryCache Documents { get; } = new(new MemoryCacheOptions { SizeLimit = DocumentsKept });

    /// <summary>The catalog of a cluster's backups.</summary>
    /// <exception cref="StoreException">The secret of its store cannot be read.</exception>
    public async ValueTask<BackupCatalog> ForAsync(ClusterSpec spec, CancellationToken cancellationToken) => new(await stores.ForAsync(spec, cancellationToken), spec, this);

    /// <inheritdoc/>
    public void Dispose() => Documents.Dispose();
}

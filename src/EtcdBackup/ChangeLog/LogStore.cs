using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Encodings.Age;
using EtcdBackup.Encodings.Zstd;
using EtcdBackup.Stores;

namespace EtcdBackup.ChangeLog;

/// <summary>The change log of one cluster in its store. It remembers nothing.</summary>
/// <param name="store">The store.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="keys">The keys of encrypted segments.</param>
/// <param name="top">The folder that all is in.</param>
internal sealed class LogStore(IBackupStore store, ClusterKey cluster, AgeFiles keys, string top = StoreLayout.Backups)
{
    /// <summary>The folder below a cluster's.</summary>
    public const string FolderName = "log";

    // What compression and encryption add to what cannot be compressed: growing would leave large garbage.
    private const int Room = 16 * 1024;

    private readonly string _folder = $"{top}/{cluster.Namespace}/{cluster.Name}/{FolderName}";

    /// <summary>The change log of a cluster.</summary>
    /// <exception cref="StoreException">The secret of its store cannot be read.</exception>
    public static async ValueTask<LogStore> OfAsync(BackupCatalogs catalogs, ClusterSpec spec, CancellationToken cancellationToken) =>
        new(await catalogs.StoreOfAsync(spec, cancellationToken), spec.Key, catalogs.Keys);

    /// <summary>Lists it. Other files are left out.</summary>
    public async Task<LogListing> ListAsync(CancellationToken cancellationToken)
    {
        // A listing in pages can show an object twice, if others are added or removed meanwhile.
        var (segments, anchors, bytes) = (new HashSet<SegmentName>(), new HashSet<AnchorName>(), 0L);
        await foreach (var stored in store.ListAsync(_folder, cancellationToken))
        {
            var isNew = SegmentName.TryParse(stored.Name, out var segment) ? segments.Add(segment)
                : AnchorName.TryParse(stored.Name, out var anchor) && anchors.Add(anchor);
            bytes += isNew ? stored.Size : 0;
        }

        return new LogListing([.. segments.OrderBy(s => s.First).ThenBy(s => s.Last)], [.. anchors.OrderBy(a => a.Revision)], bytes);
    }

    /// <summary>How new segments are encoded: compressed, and encrypted if the backups are.</summary>
    public static BackupEncoding EncodingOf(BackupSpec spec) =>
        BackupEncoding.Zstd | (spec.Encryption == Encryption.Age ? BackupEncoding.Age : BackupEncoding.None);

    /// <summary>Writes a segment.</summary>
    /// <returns>Its bytes in the store.</returns>
    /// <exception cref="BackupKeyException">There is no key to encrypt it to.</exception>
    public async Task<long> WriteAsync(SegmentName name, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        using var encoded = new MemoryStream(plain.Length + Room);
        IByteSink sink = new MemorySink(encoded);
        sink = name.Encoding.HasFlag(BackupEncoding.Age) ? new AgeWriter(sink, keys.Read().Recipients) : sink;
        using (sink = name.Encoding.HasFlag(BackupEncoding.Zstd) ? new SeekableZstdWriter(sink) : sink)
        {
            await sink.AppendAsync(plain, cancellationToken);
            await sink.FinishAsync(cancellationToken);
        }

        // The name has the hash of what is in it: whoever else writes it, writes the same.
        await store.WriteDocumentAsync($"{_folder}/{name}", encoded.GetBuffer().AsMemory(0, (int)encoded.Length), cancellationToken);
        return encoded.Length;
    }

    /// <summary>Opens a segment: its bytes before they were compressed and encrypted.</summary>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="EncodingException">It is damaged, or no key opens it.</exception>
    public async Task<Stream> OpenAsync(SegmentName name, CancellationToken cancellationToken) =>
        await StoredBackup.OpenAsync(await store.OpenAsync($"{_folder}/{name}", cancellationToken), name.Encoding, keys, cancellationToken);

    /// <summary>Reads a segment whole; see <see cref="OpenAsync"/>.</summary>
    public async Task<byte[]> ReadAsync(SegmentName name, CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(name, cancellationToken);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    /// <summary>Writes an anchor.</summary>
    /// <param name="name">What it says.</param>
    /// <param name="content">More of it, for people.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WriteAsync(AnchorName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        store.WriteDocumentAsync($"{_folder}/{name}", content, cancellationToken);

    /// <summary>Removes all of it.</summary>
    public async Task DeleteAllAsync(CancellationToken cancellationToken)
    {
        var log = await ListAsync(cancellationToken);
        foreach (var segment in log.Segments)
        {
            await DeleteAsync(segment, cancellationToken);
        }

        foreach (var anchor in log.Anchors)
        {
            await DeleteAsync(anchor, cancellationToken);
        }
    }

    /// <summary>Removes a segment.</summary>
    public Task DeleteAsync(SegmentName name, CancellationToken cancellationToken) =>
        store.DeleteAsync($"{_folder}/{name}", cancellationToken);

    /// <summary>Removes an anchor.</summary>
    public Task DeleteAsync(AnchorName name, CancellationToken cancellationToken) =>
        store.DeleteAsync($"{_folder}/{name}", cancellationToken);
}

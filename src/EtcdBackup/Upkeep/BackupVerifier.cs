using System.Buffers;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Upkeep;

/// <summary>The result of reading a stored backup back.</summary>
/// <param name="Problem">What is wrong with its bytes; null when nothing is.</param>
/// <param name="Report">What is in the file; null if it is no longer a snapshot.</param>
/// <param name="Rebuilt">Metadata made from the file.</param>
internal sealed record ReadBack(string? Problem, SnapshotReport? Report, BackupMetadata Rebuilt);

/// <inheritdoc cref="IBackupReader"/>
/// <param name="catalogs">Where backups are.</param>
/// <param name="scrub">How fast a scrub reads.</param>
/// <param name="time">The clock.</param>
internal sealed class BackupVerifier(BackupCatalogs catalogs, ScrubOptions scrub, TimeProvider time) : IBackupReader
{
    private const int BlockSize = 1024 * 1024;

    /// <inheritdoc/>
    public Task<ReadBack> ReadAsync(ClusterSpec spec, BackupEntry entry, bool isSlow, CancellationToken cancellationToken) =>
        // Off the caller's scheduler: reading and hashing take long.
        Task.Run(() => ReadWholeAsync(spec, entry, isSlow, cancellationToken), cancellationToken);

    private async Task<ReadBack> ReadWholeAsync(ClusterSpec spec, BackupEntry entry, bool isSlow, CancellationToken cancellationToken)
    {
        var catalog = await catalogs.ForAsync(spec, cancellationToken);
        try
        {
            var started = time.GetTimestamp();
            ValueTask Pace(long bytes) => isSlow ? PaceAsync(bytes, started, cancellationToken) : ValueTask.CompletedTask;
            using var copy = await catalog.GetLocalAsync(entry.Name, Pace, cancellationToken);
            var (size, sha256) = await DigestAsync(copy.Path, Pace, cancellationToken);
            var report = SnapshotInspector.InspectContent(copy.Path, cancellationToken: cancellationToken);
            return new ReadBack(Compare(entry, size, sha256, report), report, BackupMetadata.Rebuild(entry, size, sha256, report));
        }
        catch (Exception e) when (e is SnapshotCorruptException or EncodingException)
        {
            // A file that cannot be read has too little for metadata: only the name and the reason are known.
            return new ReadBack(e.Message, null, BackupMetadata.Rebuild(entry, entry.StoredSize, "", null));
        }
    }

    private static string? Compare(BackupEntry entry, long size, string sha256, SnapshotReport report)
    {
        if (entry.Metadata is not { } metadata)
        {
            return null;
        }

        if (metadata.Size != size)
        {
            return $"it has {size} bytes and had {metadata.Size}";
        }

        if (metadata.Sha256 != "" && metadata.Sha256 != sha256)
        {
            return $"its SHA-256 is {sha256} and was {metadata.Sha256}: it is another file";
        }

        return metadata.Revision != report.Revision ? $"it holds revision {report.Revision}, and its metadata says {metadata.Revision}"
            : null;
    }

    private static async Task<(long Size, string Sha256)> DigestAsync(
        string path, Func<long, ValueTask> pace, CancellationToken cancellationToken)
    {
        using var digest = new SnapshotDigest();
        await using var file = new FileStream(path, new FileStreamOptions
        {
            BufferSize = 0,
            Options = FileOptions.SequentialScan,
            Share = FileShare.ReadWrite | FileShare.Delete,
        });
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (int count; (count = await file.ReadAsync(buffer.AsMemory(0, BlockSize), cancellationToken)) > 0;)
            {
                digest.Append(buffer.AsSpan(0, count));
                await pace(digest.Length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return (digest.Length, digest.Finish());
    }

    private async ValueTask PaceAsync(long bytes, long started, CancellationToken cancellationToken)
    {
        var ahead = TimeSpan.FromSeconds(bytes / scrub.BytesPerSecond) - time.GetElapsedTime(started);
        if (ahead > TimeSpan.Zero)
        {
            await Task.Delay(ahead, time, cancellationToken);
        }
    }
}

using System.Buffers;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Runs;

/// <summary>Reads a stored backup back, every byte of it, and notes in its metadata how that came out.</summary>
/// <param name="catalogs">Where backups are.</param>
/// <param name="scrub">How often, and how fast.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Says what was found.</param>
public sealed partial class BackupVerifier(BackupCatalogs catalogs, ScrubOptions scrub, TimeProvider time, ILogger<BackupVerifier> logger)
{
    private const int BlockSize = 1024 * 1024;

    /// <summary>The stored backup whose turn it is to be read again: never read and older than the interval, or read longest ago. Null when none is due.</summary>
    public BackupEntry? NextDue(IEnumerable<BackupEntry> backups) => scrub.Interval == TimeSpan.Zero ? null : backups
        .Where(b => b.IsSound && (b.Metadata is null || time.GetUtcNow() - LastRead(b) >= scrub.Interval))
        .MinBy(LastRead);

    /// <summary>Reads a backup back.</summary>
    /// <param name="spec">Its cluster.</param>
    /// <param name="entry">Which backup.</param>
    /// <param name="isScrub">Slowly, so that nothing else is held up.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    public async Task<VerificationReport> VerifyAsync(ClusterSpec spec, BackupEntry entry, bool isScrub, CancellationToken cancellationToken)
    {
        var catalog = await catalogs.ForAsync(spec, cancellationToken);
        var metadata = entry.Metadata;
        SnapshotReport? report = null;
        string? problem = null;
        try
        {
            var started = time.GetTimestamp();
            ValueTask Pace(long bytes) => isScrub ? PaceAsync(bytes, started, cancellationToken) : ValueTask.CompletedTask;
            using var copy = await catalog.GetLocalAsync(entry.Name, Pace, cancellationToken);
            var (size, sha256) = await DigestAsync(copy.Path, Pace, cancellationToken);
            report = SnapshotInspector.InspectContent(copy.Path, cancellationToken: cancellationToken);
            problem = Compare(entry, size, sha256, report);
            metadata ??= Rebuild(entry, size, sha256, report);
        }
        catch (Exception e) when (e is SnapshotCorruptException or EncodingException)
        {
            problem = e.Message;
        }

        var verification = new Verification(time.GetUtcNow(), problem is null, problem);
        if (problem is not null)
        {
            LogRot(spec.Key, entry.Name, problem);
        }

        // What cannot be read tells too little for metadata of its own: the name and the reason are all there is.
        metadata ??= Rebuild(entry, entry.StoredSize, "", null);
        await catalog.NoteAsync(metadata with { Verification = verification, Snapshot = metadata.Snapshot ?? report }, cancellationToken);
        return new VerificationReport(entry.Name, verification, report);
    }

    private static DateTimeOffset LastRead(BackupEntry b) => b.Metadata?.Verification?.At ?? (b.Metadata is null ? DateTimeOffset.MinValue : b.CreationTime);

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

        return metadata.Revision != report.Revision ? $"it holds revision {report.Revision}, and its metadata says {metadata.Revision}" : null;
    }

    // Which history it belongs to is lost with the metadata: the oldest, so that it never hides a backup that is known better.
    private static BackupMetadata Rebuild(BackupEntry entry, long size, string sha256, SnapshotReport? report) => new()
    {
        Name = entry.Name,
        Version = entry.Version,
        Revision = report?.Revision ?? entry.Name.Revision,
        CreationTime = entry.StoredAt,
        Size = size,
        Sha256 = sha256,
        Position = new ClusterPosition("", report?.Revision ?? entry.Name.Revision, report?.Term ?? 0, report?.ConsistentIndex ?? 0),
        Lineage = new Lineage("", 0, entry.Name.Tag),
        Member = "",
        Snapshot = report,
        Rebuilt = true,
    };

    private static async Task<(long Size, string Sha256)> DigestAsync(string path, Func<long, ValueTask> pace, CancellationToken cancellationToken)
    {
        using var digest = new SnapshotDigest();
        await using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan, Share = FileShare.ReadWrite | FileShare.Delete });
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

    [LoggerMessage(Level = LogLevel.Critical, Message = "THE STORED BACKUP {Backup} of {Cluster} IS DAMAGED: {Problem}. It is no longer served as the latest, and never counted; take it out of the store when you have looked at it")]
    private partial void LogRot(ClusterKey cluster, BackupName backup, string problem);
}

/// <summary>How stored backups are read again and again.</summary>
/// <param name="Interval">Each one so often; zero: never.</param>
/// <param name="BytesPerSecond">At most so fast.</param>
public sealed record ScrubOptions(TimeSpan Interval, double BytesPerSecond);

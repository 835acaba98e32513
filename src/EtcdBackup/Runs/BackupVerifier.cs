using System.Buffers;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Snapshots;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Runs;

/// <summary>Reads a stored backup back, every byte of it, and notes in its metadata how that came out.</summary>
/// <param name="stores">Where backups are.</param>
/// <param name="scrub">How often, and how fast.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Says what was found.</param>
public sealed partial class BackupVerifier(StoreProvider stores, ScrubOptions scrub, TimeProvider time, ILogger<BackupVerifier> logger)
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
        var store = stores.For(spec.Backup);
        var catalog = new BackupCatalog(store, spec.Key, logger);
        using var copy = await store.GetLocalAsync(catalog.KeyOf(entry.Name), cancellationToken);
        var metadata = entry.Metadata;
        SnapshotReport? report = null;
        string? problem = null;
        try
        {
            var sha256 = await DigestAsync(copy.Path, isScrub, cancellationToken);
            report = SnapshotInspector.InspectContent(copy.Path, cancellationToken: cancellationToken);
            problem = Compare(entry, sha256, report);
            metadata ??= Rebuild(entry, sha256, report);
        }
        catch (SnapshotCorruptException e)
        {
            problem = e.Message;
        }

        var verification = new Verification(time.GetUtcNow(), problem is null, problem);
        if (problem is not null)
        {
            LogRot(spec.Key, entry.Name, problem);
        }

        // What cannot be read tells too little for metadata of its own: the name and the reason are all there is.
        metadata ??= Rebuild(entry, "", null);
        await catalog.NoteAsync(metadata with { Verification = verification, Snapshot = metadata.Snapshot ?? report }, cancellationToken);
        return new VerificationReport(entry.Name, verification, report);
    }

    private static DateTimeOffset LastRead(BackupEntry b) => b.Metadata?.Verification?.At ?? (b.Metadata is null ? DateTimeOffset.MinValue : b.CreationTime);

    private static string? Compare(BackupEntry entry, string sha256, SnapshotReport report)
    {
        if (entry.Metadata is not { } metadata)
        {
            return null;
        }

        if (metadata.Size != entry.StoredSize)
        {
            return $"it has {entry.StoredSize} bytes and had {metadata.Size}";
        }

        if (metadata.Sha256 != "" && metadata.Sha256 != sha256)
        {
            return $"its SHA-256 is {sha256} and was {metadata.Sha256}: it is another file";
        }

        return metadata.Revision != report.Revision ? $"it holds revision {report.Revision}, and its metadata says {metadata.Revision}" : null;
    }

    // Which history it belongs to is lost with the metadata: the oldest, so that it never hides a backup that is known better.
    private static BackupMetadata Rebuild(BackupEntry entry, string sha256, SnapshotReport? report) => new()
    {
        Name = entry.Name,
        Version = entry.Version,
        Revision = report?.Revision ?? entry.Name.Revision,
        CreationTime = entry.StoredAt,
        Size = entry.StoredSize,
        Sha256 = sha256,
        Position = new ClusterPosition("", report?.Revision ?? entry.Name.Revision, report?.Term ?? 0, report?.ConsistentIndex ?? 0),
        Lineage = new Lineage("", 0, entry.Name.Tag),
        Member = "",
        Snapshot = report,
        Rebuilt = true,
    };

    private async Task<string> DigestAsync(string path, bool isScrub, CancellationToken cancellationToken)
    {
        using var digest = new SnapshotDigest();
        await using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            var started = time.GetTimestamp();
            for (int count; (count = await file.ReadAsync(buffer.AsMemory(0, BlockSize), cancellationToken)) > 0;)
            {
                digest.Append(buffer.AsSpan(0, count));
                var ahead = TimeSpan.FromSeconds(digest.Length / scrub.BytesPerSecond) - time.GetElapsedTime(started);
                if (isScrub && ahead > TimeSpan.Zero)
                {
                    await Task.Delay(ahead, time, cancellationToken);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return digest.Finish();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "THE STORED BACKUP {Backup} of {Cluster} IS DAMAGED: {Problem}. It is no longer served as the latest, and never counted; take it out of the store when you have looked at it")]
    private partial void LogRot(ClusterKey cluster, BackupName backup, string problem);
}

/// <summary>How stored backups are read again and again.</summary>
/// <param name="Interval">Each one so often; zero: never.</param>
/// <param name="BytesPerSecond">At most so fast.</param>
public sealed record ScrubOptions(TimeSpan Interval, double BytesPerSecond);

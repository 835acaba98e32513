using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Snapshots.Making;

namespace EtcdBackup.ChangeLog;

/// <summary>Compares the HashKV and the keys of both, read from their files.</summary>
/// <param name="catalogs">The stores.</param>
internal sealed class LogComparison(BackupCatalogs catalogs) : ILogComparison
{
    /// <inheritdoc/>
    public async Task<string?> CompareAsync(
        ClusterSpec spec, LogPath path, BackupEntry taken, CancellationToken cancellationToken)
    {
        var catalog = await catalogs.ForAsync(spec, cancellationToken);
        try
        {
            using var copy = await catalog.GetLocalAsync(taken.Name, _ => ValueTask.CompletedTask, cancellationToken);
            using var files = await LogFiles.GetAsync(catalogs, spec, path, cancellationToken);
            return await Task.Run(() => Compare(files, copy.Path, taken.Revision, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is ChangeLogException or RevisionNotInFileException or SnapshotCorruptException or EncodingException)
        {
            return e.Message;
        }
    }

    private static string? Compare(LogFiles files, string taken, long revision, CancellationToken cancellationToken)
    {
        var report = SnapshotInspector.Inspect(taken, cancellationToken);

        // What a compaction leaves is the same on both sides only from where it will have come to.
        var compacted = Math.Max(report.CompactedRevision, report.ScheduledCompactRevision);
        var found = SnapshotInspector.InspectContent(taken, compacted, cancellationToken).Content!;
        var made = SnapshotMaker.Prove(files.Base, files.Changes, revision, compacted, cancellationToken);
        return (made.HashKv, made.LiveKeys) == (found.HashKv, found.LiveKeys) ? null
            : $"its HashKV at revision {revision} is {found.HashKv}, and the log gives {made.HashKv}; it has {found.LiveKeys} keys, " +
                $"and the log gives {made.LiveKeys}";
    }
}

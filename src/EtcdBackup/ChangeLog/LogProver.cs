using System.Text.Json;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Scheduling;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Snapshots.Making;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// Proves the change log by each backup that is taken: an earlier backup and the log since then must give what the new one holds.
/// </summary>
/// <param name="catalogs">The stores.</param>
/// <param name="slots">Proofs at once, in this silo.</param>
/// <param name="time">The clock.</param>
internal sealed class LogProver(BackupCatalogs catalogs, Slots slots, TimeProvider time)
{
    /// <summary>Proves it, and writes down the result as an anchor.</summary>
    /// <param name="spec">The cluster's spec.</param>
    /// <param name="path">The earlier backup, and the log up to the revision of the new one.</param>
    /// <param name="taken">The new backup.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What differs; null if nothing does.</returns>
    /// <exception cref="IOException">Something could not be read, which says nothing.</exception>
    public async Task<string?> ProveAsync(ClusterSpec spec, LogPath path, BackupEntry taken, CancellationToken cancellationToken)
    {
        using var slot = await slots.EnterAsync(time.GetUtcNow(), cancellationToken);
        var difference = await CompareAsync(spec, path, taken, cancellationToken);
        var anchor = new AnchorName(
            taken.Revision, path.Stream, taken.Metadata!.Sha256[..AnchorName.Sha256Digits],
            difference is null ? AnchorKind.Base : AnchorKind.Differs);
        var content = new { Backup = taken.Name.ToString(), ProvenFrom = path.Base.Name.ToString(), At = time.GetUtcNow(), difference };
        await (await LogStore.OfAsync(catalogs, spec, cancellationToken)).WriteAsync(
            anchor, JsonSerializer.SerializeToUtf8Bytes(content, JsonSerializerOptions.Web), cancellationToken);
        return difference;
    }

    private async Task<string?> CompareAsync(
        ClusterSpec spec, LogPath path, BackupEntry taken, CancellationToken cancellationToken)
    {
        var catalog = await catalogs.ForAsync(spec, cancellationToken);
        using var copy = await catalog.GetLocalAsync(taken.Name, _ => ValueTask.CompletedTask, cancellationToken);
        try
        {
            using var files = await LogFiles.GetAsync(catalogs, spec, path, cancellationToken);
            return await Task.Run(() => Compare(files, copy.Path, taken.Revision, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is ChangeLogException or RevisionNotInFileException)
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

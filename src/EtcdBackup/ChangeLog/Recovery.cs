using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Snapshots.Log;

namespace EtcdBackup.ChangeLog;

/// <summary>What of a cluster can be brought back, as its store is now.</summary>
internal sealed class Recovery
{
    // A snapshot has what the cluster held a moment after it began.
    private static readonly TimeSpan Blur = TimeSpan.FromSeconds(5);

    private readonly BackupCatalog _catalog;
    private readonly LogStore _log;
    private readonly IReadOnlyList<BackupEntry> _sound;
    private readonly IReadOnlyList<LogPath> _paths;

    private Recovery(BackupCatalog catalog, LogStore log, IReadOnlyList<BackupEntry> sound, IReadOnlyList<LogPath> paths) =>
        (_catalog, _log, _sound, _paths) = (catalog, log, sound, paths);

    /// <summary>The windows, newest first.</summary>
    public IReadOnlyList<RecoveryWindow> Windows => RecoveryWindow.Of(_paths, _sound);

    /// <summary>Looks at the store.</summary>
    /// <exception cref="IOException">It is unavailable.</exception>
    public static async Task<Recovery> OfAsync(BackupCatalogs catalogs, ClusterSpec spec, CancellationToken cancellationToken)
    {
        var catalog = await catalogs.ForAsync(spec, cancellationToken);
        var log = await LogStore.OfAsync(catalogs, spec, cancellationToken);
        var segments = log.ListAsync(cancellationToken);
        var backups = (await catalog.ListAsync(new Dictionary<BackupName, BackupEntry>(), cancellationToken)).Entries;
        return new Recovery(catalog, log, [.. backups.Where(b => b.IsSound)], LogPaths.Of(await segments, backups));
    }

    /// <summary>How the backup at a revision is made; null if it cannot be. Of several lineages the newest one's.</summary>
    /// <param name="version">The version of etcd that the backup has to be of, or has to restore.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="isLogged">Whether a later backup may be cut, too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<LogPath?> ToAsync(EtcdVersion version, long revision, bool isLogged, CancellationToken cancellationToken)
    {
        foreach (var lineage in _sound.Select(b => b.Incarnation).Distinct().OrderDescending())
        {
            var paths = _paths.Where(p => p.Base.Incarnation == lineage).ToList();
            var path = LogPaths.To(revision, paths.Where(p => p.Base.Version == version)) ??
                LogPaths.To(revision, paths.Where(p => p.Base.Restores(version))) ??
                (isLogged ? await FromLaterAsync(lineage, version, revision, cancellationToken) : null);
            if (path is not null)
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>The backup that was taken at a revision; null if none was.</summary>
    public BackupName? Taken(int incarnation, long revision) =>
        _sound.FirstOrDefault(b => b.Incarnation == incarnation && b.Revision == revision)?.Name;

    /// <summary>Whether a backup is of the lineage that the cluster has now.</summary>
    public bool IsCurrent(BackupEntry backup) => backup.Incarnation == _sound.Max(b => b.Incarnation);

    /// <summary>How the backup at a moment is made, and of which revision; null if nobody knows what the cluster was then.</summary>
    /// <param name="time">The moment.</param>
    /// <param name="state">How far the change log is; null if it is not written now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(LogPath Path, long Revision)?> AtAsync(
        DateTimeOffset time, LogState? state, CancellationToken cancellationToken)
    {
        var begun = _paths.Where(p => p.Base.CreationTime + Blur <= time).MaxBy(p => p.Base.CreationTime) ??
            _paths.Where(p => p.Base.CreationTime <= time).MaxBy(p => p.Base.CreationTime);
        if (_paths.Where(p => p.Base == begun?.Base && IsKnown(p, time, state)).MaxBy(p => p.LastAt) is not { } path)
        {
            return null;
        }

        // A segment ends with a whole revision: before its first came, the cluster was at the last of the one before.
        var revision = path.Base.Revision;
        foreach (var segment in path.Segments.Reverse().Where(s => s.FirstAt <= time))
        {
            using var bytes = new MemoryStream(await _log.ReadAsync(segment, cancellationToken));
            using var reader = new ChangeReader(bytes);
            if (ChangeTimes.RevisionAt(reader, time.ToUnixTimeMilliseconds()) is { } found)
            {
                revision = Math.Max(found, revision);
                break;
            }
        }

        // Beyond its end a stream may be of another history.
        return LogPaths.To(revision, [path]) is { } cut ? (cut, revision) : null;
    }

    // What came late came at some moment since the segment before.
    private static bool IsKnown(LogPath path, DateTimeOffset time, LogState? state)
    {
        var before = path.Base.CreationTime;
        foreach (var segment in path.Segments)
        {
            if (time > before && time < segment.CaughtUpAt)
            {
                return false;
            }

            before = segment.LastAt;
        }

        return time <= path.LastAt || (state is { CurrentAt: { } current } && state.Stream == path.Stream &&
            state.Received == path.Last && time <= current);
    }

    // A snapshot has every revision since the last compaction (etcd server/storage/mvcc).
    private async Task<LogPath?> FromLaterAsync(
        int lineage, EtcdVersion version, long revision, CancellationToken cancellationToken)
    {
        var later = _sound.Where(b => b.Incarnation == lineage && b.Version == version && b.Revision >= revision && b.Metadata is not null)
            .MinBy(b => b.Revision);
        return later is not null &&
            await _catalog.FindAsync(later.Name, cancellationToken) is { Metadata.Snapshot: { } report } &&
            revision >= Math.Max(1, Math.Max(report.CompactedRevision, report.ScheduledCompactRevision))
            ? new LogPath(later, "", []) : null;
    }
}

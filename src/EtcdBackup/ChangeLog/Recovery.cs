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

    /// <summary>How the backup at a revision is made; null if it cannot be.</summary>
    /// <param name="version">The version of etcd that the backup is of.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<LogPath?> ToAsync(EtcdVersion version, long revision, CancellationToken cancellationToken) =>
        LogPaths.To(revision, _paths.Where(p => p.Base.Version == version)) ??
        await FromLaterAsync(version, revision, cancellationToken);

    /// <summary>The last revision that the cluster had at a moment, with the version of etcd that it had; null if nobody knows.</summary>
    /// <param name="time">The moment.</param>
    /// <param name="state">How far the change log is; null if it is not written now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(EtcdVersion Version, long Revision)?> AtAsync(
        DateTimeOffset time, LogState? state, CancellationToken cancellationToken)
    {
        var path = _paths.Where(p => p.Base.CreationTime <= time - Blur).MaxBy(p => (p.Base.CreationTime, p.Last)) ??
            _paths.Where(p => p.Base.CreationTime <= time).MaxBy(p => (p.Base.CreationTime, p.Last));
        if (path is null)
        {
            return null;
        }

        var isKnown = time <= path.LastAt || (state is { CurrentAt: { } current } && state.Stream == path.Stream &&
            state.Received == path.Last && time <= current);
        if (!isKnown)
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

        return (path.Base.Version, revision);
    }

    /// <summary>The revisions nearest to one that cannot be brought back.</summary>
    public (long? Below, long? Above) Nearest(long revision)
    {
        var windows = Windows;
        return (windows.Where(w => w.To < revision).Select(w => (long?)w.To).Max(),
            windows.Where(w => w.From > revision).Select(w => (long?)w.From).Min());
    }

    // A snapshot has every revision since the last compaction (etcd server/storage/mvcc).
    private async Task<LogPath?> FromLaterAsync(EtcdVersion version, long revision, CancellationToken cancellationToken)
    {
        var later = _sound.Where(b => b.Version == version && b.Revision >= revision && b.Metadata is not null)
            .GroupBy(b => b.Incarnation).OrderByDescending(g => g.Key).Select(g => g.MinBy(b => b.Revision)!);
        foreach (var backup in later)
        {
            if (await _catalog.FindAsync(backup.Name, cancellationToken) is { Metadata.Snapshot: { } report } &&
                revision >= Math.Max(1, Math.Max(report.CompactedRevision, report.ScheduledCompactRevision)))
            {
                return new LogPath(backup, "", []);
            }
        }

        return null;
    }
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Scheduling;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Snapshots.Making;
using EtcdBackup.Stores;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// Makes backups of revisions, and keeps the last few, because whoever fetches one mostly asks more than once.
/// </summary>
internal sealed class MadeFiles : IDisposable
{
    private const int MostKept = 4;
    private const long MostBytes = 1024L * 1024 * 1024;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    private readonly BackupCatalogs _catalogs;
    private readonly IEtcdConnections _etcd;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Slots _slots = new(1);
    private readonly Dictionary<Key, Kept> _kept = [];

    /// <param name="catalogs">The stores.</param>
    /// <param name="etcd">To compare with the live cluster.</param>
    /// <param name="time">The clock.</param>
    public MadeFiles(BackupCatalogs catalogs, IEtcdConnections etcd, TimeProvider time)
    {
        (_catalogs, _etcd, _time) = (catalogs, etcd, time);
        _timer = time.CreateTimer(_ => Sweep(), null, LookEvery, LookEvery);
    }

    /// <summary>Makes a backup, or gives one that was made before, opened.</summary>
    /// <param name="spec">The cluster's spec.</param>
    /// <param name="path">What it is made of.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="isCurrent">Whether it is of the lineage that the cluster has now.</param>
    /// <param name="cancellationToken">Gives up waiting; what was begun goes on.</param>
    /// <exception cref="IOException">Something cannot be read, or there is no room.</exception>
    /// <exception cref="MadeDiffersException">It is not what the live cluster has.</exception>
    public async Task<(MadeFile File, Stream Body)> GetAsync(
        ClusterSpec spec, LogPath path, long revision, bool isCurrent, CancellationToken cancellationToken)
    {
        // Not by what it is made of: that may be another backup a moment later, and the bytes with it.
        var lineage = path.Base.Metadata!.Lineage with { Since = null };
        var key = new Key(spec.Key, StoreProvider.PlaceOf(spec.Backup), lineage, path.Base.Version, revision);
        Kept kept;
        lock (_lock)
        {
            if (!_kept.TryGetValue(key, out var found) || found.Made.IsFaulted || found.Made.IsCanceled)
            {
                found = new Kept(Task.Run(() => MakeAsync(spec, path, revision, isCurrent), CancellationToken.None));
                _kept[key] = found;
            }

            found.UsedAt = _time.GetUtcNow();
            kept = found;
        }

        var made = await kept.Made.WaitAsync(cancellationToken);
        lock (_lock)
        {
            kept.UsedAt = _time.GetUtcNow();
            var body = made.Open();
            Forget();
            return (made, body);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        Clear();
    }

    private void Clear()
    {
        lock (_lock)
        {
            foreach (var (key, kept) in _kept.Where(k => k.Value.Made.IsCompletedSuccessfully).ToArray())
            {
                _kept.Remove(key);
                kept.Made.Result.Dispose();
            }
        }
    }

    private void Sweep()
    {
        lock (_lock)
        {
            Forget();
        }
    }

    private void Forget()
    {
        var (count, bytes) = (0, 0L);
        foreach (var (key, kept) in _kept.Where(k => k.Value.Made.IsCompleted).OrderByDescending(k => k.Value.UsedAt).ToArray())
        {
            (count, bytes) = (count + 1, bytes + kept.Size);
            if (count <= MostKept && (count == 1 || bytes <= MostBytes) && _time.GetUtcNow() - kept.UsedAt <= KeptFor)
            {
                continue;
            }

            _kept.Remove(key);
            if (kept.Made.IsCompletedSuccessfully)
            {
                // Who is reading it has it open.
                kept.Made.Result.Dispose();
            }
        }
    }

    private async Task<MadeFile> MakeAsync(ClusterSpec spec, LogPath path, long revision, bool isCurrent)
    {
        using var slot = await _slots.EnterAsync(_time.GetUtcNow(), CancellationToken.None);
        using var files = await LogFiles.GetAsync(_catalogs, spec, path, CancellationToken.None);
        await ExpectRoomAsync(new FileInfo(files.Base).Length + path.Segments.Sum(s => (long)s.Size));
        var at = await TimeOfAsync(spec, path, revision);
        var target = _catalogs.VerifyScratch.NewPath();
        var report = await SnapshotMaker.MakeAsync(
            files.Base, files.Changes, target, revision, withoutDigest: false, CancellationToken.None);
        var made = new MadeFile(target, path.Base, report, at);
        try
        {
            await (isCurrent ? CompareAsync(spec, path, target, revision) : Task.CompletedTask);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    private async Task<DateTimeOffset> TimeOfAsync(ClusterSpec spec, LogPath path, long revision)
    {
        if (path.Segments is not [.., var last])
        {
            return path.Base.CreationTime;
        }

        var store = await LogStore.OfAsync(_catalogs, spec, CancellationToken.None);
        using var bytes = new MemoryStream(await store.ReadAsync(last, CancellationToken.None));
        using var reader = new ChangeReader(bytes);
        return ChangeTimes.TimeOf(reader, revision) is { } came ? DateTimeOffset.FromUnixTimeMilliseconds(came) : last.LastAt;
    }

    // Room is kept for backups. What was made before goes first.
    private async Task ExpectRoomAsync(long size)
    {
        try
        {
            (await _catalogs.VerifyScratch.CreateAsync(size, CancellationToken.None)).Dispose();
        }
        catch (StoreFullException)
        {
            Clear();
            (await _catalogs.VerifyScratch.CreateAsync(size, CancellationToken.None)).Dispose();
        }
    }

    // As far as the spec wants it, and as long as the cluster still knows.
    private async Task CompareAsync(ClusterSpec spec, LogPath path, string made, long revision)
    {
        if (spec.Backup.Proof != ProofLevel.HashKV)
        {
            return;
        }

        using var cluster = await _etcd.OpenAsync(spec, CancellationToken.None);
        var members = MemberChoice.Order(await cluster.ProbeAsync(CancellationToken.None))
            .Where(m => $"{m.ClusterId:x16}" == path.Base.Metadata!.Lineage.ClusterId && m.Revision >= revision);
        foreach (var member in members)
        {
            if ((await ((EtcdCluster)cluster).Member(member.Endpoint).HashKVAsync(revision, CancellationToken.None)).Hash is { } live)
            {
                var content = SnapshotInspector.InspectContent(made, live.CompactRevision).Content!;
                if (content.HashKv != live.Hash)
                {
                    throw new MadeDiffersException($"the backup that was made for revision {revision} has HashKV {content.HashKv}, and " +
                        $"{member.Address} has {live.Hash}: it is not served. Fetch a backup that was taken, and look at the log");
                }

                return;
            }
        }
    }

    private sealed record Key(ClusterKey Cluster, string Place, Lineage Lineage, EtcdVersion Version, long Revision);

    private sealed class Kept(Task<MadeFile> made)
    {
        public Task<MadeFile> Made { get; } = made;

        public DateTimeOffset UsedAt { get; set; }

        public long Size => Made.IsCompletedSuccessfully ? Made.Result.Report.Size : 0;
    }
}

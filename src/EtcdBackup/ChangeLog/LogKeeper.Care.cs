using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.ChangeLog;

/// <content>What happens to a change log besides the recording: it is proven, merged and pruned.</content>
internal sealed partial class LogKeeper
{
    private static readonly TimeSpan CareEvery = TimeSpan.FromSeconds(30);

    private readonly HashSet<SegmentName> _damaged = [];
    private int _missed;
    private string? _careProblem;
    private string? _refused;

    private async Task CareAsync(LogTail tail, LogPosition began, LogStore store, CancellationToken cancellationToken)
    {
        BackupName? proven = null;
        while (true)
        {
            var isNews = await _news.WaitAsync(CareEvery, cancellationToken);
            try
            {
                var backups = await ListAsync();
                if (BackupOrder.Latest(backups) is { Metadata: { Sha256.Length: > 0 }, Incarnation: > 0 } latest && latest.Name != proven &&
                    await ProveAsync(tail, began, store, backups, latest, cancellationToken))
                {
                    proven = latest.Name;
                }

                if (!isNews)
                {
                    await TidyAsync(store, backups, tail, cancellationToken);
                }

                _careProblem = null;
            }
            catch (Exception e) when (e is not (LogBrokenException or OperationCanceledException))
            {
                // The recording goes on.
                Tell(e, ref _careProblem);
            }

            TellHost();
        }
    }

    // Whether the backup needs no proof any more.
    private async Task<bool> ProveAsync(
        LogTail tail, LogPosition began, LogStore store, IReadOnlyList<BackupEntry> backups, BackupEntry latest,
        CancellationToken cancellationToken)
    {
        if (latest.Incarnation != began.Incarnation)
        {
            throw new LogBrokenException($"the cluster was restored, or made anew: {latest.Name} is of lineage {latest.Incarnation}")
            {
                IsOtherHistory = true,
            };
        }

        if (tail.State.Received < latest.Revision)
        {
            return false;
        }

        await tail.StoreAsync(cancellationToken);
        if (tail.State.Stored < latest.Revision)
        {
            return false;
        }

        if (latest.Name.ToString() == began.Base)
        {
            return true;
        }

        var log = await store.ListAsync(cancellationToken);
        var sha = latest.Metadata!.Sha256[..AnchorName.Sha256Digits];
        if (log.Anchors.Any(a => a.Stream == began.Stream && a.Sha256 == sha && a.Kind == AnchorKind.Base))
        {
            _proven = latest.Revision;
            return true;
        }

        var path = LogPaths.To(latest.Revision, LogPaths.Of(log, backups).Where(p => p.Stream == began.Stream && p.Base != latest)) ??
            throw new LogBrokenException($"no backup is left that leads to {latest.Name} with it");
        if (await _services.Prover.ProveAsync(Spec, path, latest, _host, cancellationToken) is { } difference)
        {
            Counts.Differing++;
            LogDiffers(Cluster, began.Stream, latest.Name, path.Base.Name, difference);
            throw new LogBrokenException($"it does not give what {latest.Name} holds: {difference}");
        }

        _proven = latest.Revision;
        Counts.Proven++;
        LogProven(Cluster, began.Stream, path.Base.Name, latest.Name);
        return true;
    }

    private async Task TidyAsync(
        LogStore store, IReadOnlyList<BackupEntry> backups, LogTail tail, CancellationToken cancellationToken)
    {
        var (stored, isAnchored) = (tail.State, tail.IsAnchored);
        var now = _services.Time.GetUtcNow();
        var log = await store.ListAsync(cancellationToken);
        var paths = LogPaths.Of(log, backups);
        if (isAnchored)
        {
            ExpectGoing(log, stored.Stream!);
            ExpectThere(paths, stored.Stream!, stored.Stored);
        }

        Window = RecoveryWindow.Of(paths, backups) is [var newest, ..] ? newest : null;
        var (segments, anchors) = LogPruning.Decide(log, backups, Spec.Backup.Log!, now);
        try
        {
            foreach (var segment in segments)
            {
                await store.DeleteAsync(segment, cancellationToken);
            }

            foreach (var anchor in anchors)
            {
                await store.DeleteAsync(anchor, cancellationToken);
            }

            log = log with { Segments = [.. log.Segments.Except(segments).Where(s => !_damaged.Contains(s))] };
            paths = LogPaths.Of(log, backups);
            if (LogMerging.Next(log, paths, Spec.Backup.Log!.SealInMB * 1024 * 1024, now) is { Count: > 1 } run)
            {
                await TryMergeAsync(store, run, cancellationToken);
            }
        }
        catch (DeleteRefusedException e)
        {
            // It stays as long as the store wants, and the log goes on.
            if (_refused != e.Message)
            {
                LogRefused(Cluster, _refused = e.Message);
            }
        }
    }

    // Who began by a listing that was late may go on with what another silo ended.
    private static void ExpectGoing(LogListing log, string stream)
    {
        if (log.Anchors.Any(a => a.Stream == stream && a.Kind != AnchorKind.Base))
        {
            throw new LogBrokenException("another silo found that it cannot go on");
        }
    }

    // A listing can be late once.
    private void ExpectThere(IReadOnlyList<LogPath> paths, string stream, long stored)
    {
        var reached = paths.Where(p => p.Stream == stream).Select(p => p.Last).DefaultIfEmpty(0).Max();
        _missed = reached < stored ? _missed + 1 : 0;
        if (_missed > 1)
        {
            throw new LogBrokenException(
                $"the store has it only up to revision {reached}, though it was stored up to {stored}: look for what else deletes there");
        }
    }

    private async Task TryMergeAsync(LogStore store, IReadOnlyList<SegmentName> run, CancellationToken cancellationToken)
    {
        try
        {
            await MergeAsync(store, run, cancellationToken);
        }
        catch (Exception e) when (e is EncodingException or ChangeLogException)
        {
            _damaged.UnionWith(run);
            LogDamaged(Cluster, run[0].First, run[^1].Last, e.Message);
        }
    }

    internal static async Task MergeAsync(LogStore store, IReadOnlyList<SegmentName> run, CancellationToken cancellationToken)
    {
        using var parts = new MemoryStream();
        foreach (var segment in run)
        {
            await parts.WriteAsync(await store.ReadAsync(segment, cancellationToken), cancellationToken);
        }

        using var merged = new MemoryStream();
        SegmentMerger.Merge(() => new MemoryStream(parts.GetBuffer(), 0, (int)parts.Length), merged, cancellationToken);
        var name = run[0] with { Last = run[^1].Last, LastAt = run[^1].LastAt, After = run[^1].After, Size = (int)merged.Length };
        await store.WriteAsync(name, merged.GetBuffer().AsMemory(0, (int)merged.Length), cancellationToken);
        foreach (var segment in run)
        {
            await store.DeleteAsync(segment, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message =
        "{Cluster}: {Base} and the change log since (stream {Stream}) give what {Backup} holds")]
    private partial void LogProven(ClusterKey cluster, string stream, BackupName @base, BackupName backup);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: what its change log needs no more stays in the store: {Why}")]
    private partial void LogRefused(ClusterKey cluster, string why);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "{Cluster}: of its change log revisions {First} to {Last} cannot be read back: {Why}. What needs them cannot be made; backups " +
        "that were taken are not affected")]
    private partial void LogDamaged(ClusterKey cluster, long first, long last, string why);

    [LoggerMessage(Level = LogLevel.Critical, Message =
        "{Cluster}: {Base} and the change log since (stream {Stream}) do not give what {Backup} holds: {Difference}. No revision " +
        "between them is made from this log; both backups and the log stay as they are")]
    private partial void LogDiffers(ClusterKey cluster, string stream, BackupName backup, BackupName @base, string difference);
}

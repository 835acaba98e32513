using System.Runtime.ExceptionServices;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Runs;
using EtcdBackup.Stores;
using EtcdBackup.Upkeep;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Grains;

/// <summary>How a run ended.</summary>
/// <param name="Result">How.</param>
/// <param name="Message">What went wrong; null when nothing did.</param>
/// <param name="Backup">The backup that stands; null when it failed.</param>
internal sealed record RunEnd(RunResult Result, string? Message, BackupEntry? Backup)
{
    /// <summary>Whether a backup stands that holds all that the cluster holds.</summary>
    public bool IsWell => Result is RunResult.Succeeded or RunResult.Unchanged;

    /// <summary>Whether another silo goes on with it.</summary>
    public bool IsHandedOff { get; init; }
}

/// <summary>A run in its two steps: check, and, where that finds something new, take. It is watched: one that stands still is ended.</summary>
internal sealed partial class BackupRun(
    ClusterKey key, ClusterSpec spec, DateTimeOffset due, ClockServices services, StoredBackups stored, RunProgress progress, ILogger logger)
{
    private const int LooksAtMost = 4;

    // What others do in the store shows at the latest then.
    private static readonly TimeSpan ListEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(10);

    private readonly string _store = StoreProvider.PlaceOf(spec.Backup);
    private IDisposable? _slot;

    /// <summary>Runs to the end.</summary>
    /// <param name="look">The last look at the cluster, as it is known when asked.</param>
    /// <param name="rememberAsync">Told each look.</param>
    /// <param name="isRetry">Whether the last run failed.</param>
    /// <param name="handOffAsync">Asked when the snapshot would have to wait here: whether another silo takes it.</param>
    /// <param name="cancel">Ends it anywhere.</param>
    public async Task<RunEnd> RunAsync(
        Func<ClusterLook?> look, Func<ClusterLook, Task> rememberAsync, bool isRetry, Func<Task<bool>> handOffAsync, CancellationTokenSource cancel)
    {
        using var watching = new CancellationTokenSource();
        try
        {
            var steps = StepsAsync(look, rememberAsync, isRetry, handOffAsync, cancel.Token);
            await WatchAsync(steps, cancel, watching.Token);
            return await steps;
        }
        finally
        {
            watching.Cancel();
            LeaveSlot();
        }
    }

    private async Task<RunEnd> StepsAsync(
        Func<ClusterLook?> look, Func<ClusterLook, Task> rememberAsync, bool isRetry, Func<Task<bool>> handOffAsync, CancellationToken cancellationToken)
    {
        var isServed = true;
        for (var looks = 0; looks < LooksAtMost;)
        {
            using var cluster = await services.Connections.OpenAsync(spec, cancellationToken);
            var check = await CheckAsync(cluster, look, rememberAsync, isRetry, cancellationToken);
            if (check.IsUnchanged && isServed)
            {
                LeaveSlot();
                if (await ServedAsync(check, cancellationToken) is { } stands)
                {
                    return new RunEnd(RunResult.Unchanged, null, stands);
                }

                // Asked once: else a run whose first backup waits for a slot would give the slot back to ask, for ever.
                isServed = false;
            }

            if (_slot is null && (_slot = services.Slots.Snapshots.TryEnter(_store)) is null)
            {
                if (await handOffAsync())
                {
                    return new RunEnd(RunResult.Stopped, "the snapshot is taken by another silo, which has a slot free", null) { IsHandedOff = true };
                }

                progress.Stage = RunStage.Waiting;
                _slot = await WaitAsync(t => services.Slots.Snapshots.EnterAsync(_store, due, t), cancellationToken);

                // Who knows what became of the cluster meanwhile.
                continue;
            }

            looks++;
            if (await TakeAsync(cluster, check, look, cancellationToken) is { Metadata: { } metadata } taken)
            {
                await rememberAsync(new ClusterLook(metadata.Position, metadata.Lineage));
                return new RunEnd(RunResult.Succeeded, null, taken);
            }

            LogLookedAgain(key, looks);
        }

        throw new EtcdUnavailableException(
            $"{key} was restored, or backed up by another silo, each of {LooksAtMost} times while its snapshot was on its way: the backup is tried again");
    }

    private async Task<ClusterCheck> CheckAsync(
        IEtcdCluster cluster, Func<ClusterLook?> look, Func<ClusterLook, Task> rememberAsync, bool isRetry, CancellationToken cancellationToken)
    {
        progress.Stage = RunStage.Listing;
        var (view, away) = await ViewAsync(cancellationToken);
        ClusterCheck check;
        progress.Stage = RunStage.Waiting;
        using (await WaitAsync(t => (isRetry ? services.Slots.Rechecks : services.Slots.Checks).EnterAsync(due, t), cancellationToken))
        {
            progress.Stage = RunStage.Probing;
            check = await services.Checker.CheckAsync(cluster, key, ClusterHistory.Of(look(), view?.Entries ?? []), cancellationToken);
        }

        await rememberAsync(check.Look);

        // Without the store nothing can be decided; but that the cluster was looked at is worth knowing.
        away?.Throw();
        return check;
    }

    // What has begun may end when the process is told to stop; what waits does not begin any more.
    private async Task<IDisposable> WaitAsync(Func<CancellationToken, Task<IDisposable>> enter, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, services.Stop.Stopping);
        return await enter(either.Token);
    }

    private async Task<(StoredView? View, ExceptionDispatchInfo? Away)> ViewAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await stored.GetAsync(cancellationToken, oldest: ListEvery), null);
        }
        catch (IOException e)
        {
            return (null, ExceptionDispatchInfo.Capture(e));
        }
    }

    // Unchanged means: what would be served now is sound, and is what the cluster holds.
    private async Task<BackupEntry?> ServedAsync(ClusterCheck check, CancellationToken cancellationToken) =>
        await stored.ServedAsync(cancellationToken) is { } served &&
        served.Incarnation == check.Look.Lineage.Incarnation && served.Revision == check.Look.Position.Revision ? served : null;

    private async Task<BackupEntry?> TakeAsync(IEtcdCluster cluster, ClusterCheck check, Func<ClusterLook?> look, CancellationToken cancellationToken)
    {
        try
        {
            var taken = await services.Taker.TakeAsync(cluster, spec, check, stored, look, progress, cancellationToken);
            services.Slots.Snapshots.Told(_store, failed: false);
            return taken;
        }
        catch (IOException)
        {
            services.Slots.Snapshots.Told(_store, failed: true);
            throw;
        }
    }

    // Each call has a limit of its own. This is for whatever ignores it: the run is told as failed, and what it held is freed.
    private async Task WatchAsync(Task steps, CancellationTokenSource cancel, CancellationToken done)
    {
        while (!steps.IsCompleted)
        {
            await Task.WhenAny(steps, Task.Delay(WatchEvery, services.Time, done));
            if (steps.IsCompleted || services.Limits.Of(progress.Stage) is not { } limit || progress.Still < limit)
            {
                continue;
            }

            var message = $"the backup of {key} made no progress for {progress.Still.TotalSeconds:0} s while it was {progress.Stage}, and was ended";
            cancel.Cancel();
            await Task.WhenAny(steps, Task.Delay(EndsWithin, services.Time, done));
            services.Slots.Snapshots.Told(_store, failed: progress.Stage is RunStage.Streaming or RunStage.Committing);
            _ = steps.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw new RunStalledException(message);
        }
    }

    private void LeaveSlot()
    {
        _slot?.Dispose();
        _slot = null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: the facts changed while its snapshot was on its way; looking at the cluster again ({Looks})")]
    private partial void LogLookedAgain(ClusterKey cluster, int looks);
}

using System.Runtime.ExceptionServices;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Etcd;
using EtcdBackup.Runs;
using EtcdBackup.Stores;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Grains;

/// <summary>How a run ended.</summary>
/// <param name="Result">The result.</param>
/// <param name="Message">What went wrong; null when nothing did.</param>
/// <param name="Backup">The new or the existing backup; null if the run failed.</param>
internal sealed record RunEnd(RunResult Result, string? Message, BackupEntry? Backup)
{
    /// <summary>Another silo continues the run.</summary>
    public static RunEnd HandedOff { get; } =
        new(RunResult.Stopped, "the snapshot is taken by another silo, which has a slot free", null) { IsHandedOff = true };

    /// <summary>It did not begin.</summary>
    public static RunEnd NotBegun { get; } = new(RunResult.Stopped, null, null);

    /// <summary>Whether there is a backup of all that the cluster holds.</summary>
    public bool IsWell => Result is RunResult.Succeeded or RunResult.Unchanged;

    /// <summary>Whether another silo continues the run.</summary>
    public bool IsHandedOff { get; init; }
}

/// <summary>
/// The two steps of a run: check, and, if there is something new, take. The clock decides, in its own turn, what follows from a check.
/// A run that makes no progress is ended.
/// </summary>
/// <param name="key">The cluster.</param>
/// <param name="spec">Its spec.</param>
/// <param name="due">Since when the backup is due.</param>
/// <param name="services">The shared services.</param>
/// <param name="stored">The cluster's backups.</param>
/// <param name="scrubber">Reads a backup whose object was overwritten.</param>
/// <param name="look">Returns the last look at the cluster.</param>
/// <param name="progress">The progress of the run.</param>
internal sealed class BackupRun(
    ClusterKey key, ClusterSpec spec, DateTimeOffset due, ClockServices services,
    StoredBackups stored, Scrubber scrubber, Func<ClusterLook?> look, RunProgress progress)
    : IDisposable
{
    // An object that is overwritten again and again never becomes known.
    private const int ReadsAtMost = 3;

    // What others change in the store is seen after this time at the latest.
    private static readonly TimeSpan ListEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(10);

    private readonly string _store = StoreProvider.PlaceOf(spec.Backup);
    private readonly CancellationTokenSource _done = new();
    private ExceptionDispatchInfo? _away;
    private bool _mayStand = true;
    private IDisposable? _checkSlot;
    private IDisposable? _slot;

    /// <summary>Connects to the cluster.</summary>
    public Task<IEtcdCluster> OpenAsync(CancellationToken cancellationToken) => services.Connections.OpenAsync(spec, cancellationToken);

    /// <summary>The first step: checks the cluster.</summary>
    public async Task<ClusterCheck> CheckAsync(IEtcdCluster cluster, bool isRetry, CancellationToken cancellationToken)
    {
        progress.Stage = RunStage.Listing;
        var view = await ViewAsync(cancellationToken);
        progress.Stage = RunStage.Waiting;
        _checkSlot = await WaitAsync(
            t => (isRetry ? services.Slots.Rechecks : services.Slots.Checks).EnterAsync(due, t), cancellationToken);
        try
        {
            progress.Stage = RunStage.Probing;
            var known = ClusterHistory.Of(look(), view?.Entries ?? []);
            var lastPut = await services.Catalogs.LastPutOfAsync(known.Latest, cancellationToken);
            return await services.Checker.CheckAsync(cluster, key, known, lastPut, cancellationToken);
        }
        finally
        {
            Leave(ref _checkSlot);
        }
    }

    /// <summary>The existing backup, if nothing changed: it would be served now, is sound, and holds what the cluster holds.</summary>
    /// <exception cref="IOException">The store is unavailable: nothing can be decided.</exception>
    public async Task<BackupEntry?> StandingAsync(ClusterCheck check, CancellationToken cancellationToken)
    {
        _away?.Throw();
        if (!check.IsUnchanged || !_mayStand)
        {
            return null;
        }

        // Only once: otherwise a run whose first backup waits for a slot would give the slot back to ask again, for ever.
        _mayStand = false;
        Leave(ref _slot);
        var served = await stored.ServedAsync(cancellationToken);
        for (var reads = 0; served is { IsDoubtful: true }; reads++)
        {
            progress.Stage = RunStage.Verifying;
            if (reads == ReadsAtMost || !await CanReadAsync(served, cancellationToken))
            {
                return null;
            }

            served = await stored.ServedAsync(cancellationToken);
        }

        return served?.Incarnation == check.Look.Lineage.Incarnation && served.Revision == check.Look.Position.Revision &&
            IsAsWanted(served) && services.Catalogs.CanOpen(served) ? served : null;
    }

    /// <summary>Whether the snapshot may be taken now: the run has a slot, or one is free.</summary>
    public bool TryEnter() => (_slot ??= services.Slots.Snapshots.TryEnter(_store)) is not null;

    /// <summary>Waits for a slot.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        progress.Stage = RunStage.Waiting;
        _slot = await WaitAsync(t => services.Slots.Snapshots.EnterAsync(_store, due, t), cancellationToken);
    }

    /// <summary>The second step: takes the snapshot, proves it and commits it.</summary>
    /// <returns>The backup; null if the cluster or the store changed meanwhile, and the cluster has to be checked again.</returns>
    public async Task<BackupEntry?> TakeAsync(IEtcdCluster cluster, ClusterCheck check, CancellationToken cancellationToken)
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

    /// <summary>Waits for the steps, and ends them when they make no progress.</summary>
    /// <remarks>Each call has a limit of its own. This is for whatever ignores it: the run is recorded as timed out, and its slots are
    /// freed.</remarks>
    /// <exception cref="RunStalledException">They made no progress for longer than their stage may.</exception>
    public async Task<RunEnd?> WatchAsync(Task<RunEnd?> steps, CancellationTokenSource cancel)
    {
        while (!steps.IsCompleted)
        {
            await Task.WhenAny(steps, Task.Delay(WatchEvery, services.Time, _done.Token));
            if (steps.IsCompleted || services.Limits.Of(progress.Stage) is not { } limit || progress.Still < limit)
            {
                continue;
            }

            var message = $"the backup of {key} made no progress for {progress.Still.TotalSeconds:0} s while it was {progress.Stage}, " +
                "and was ended";
            cancel.Cancel();
            await Task.WhenAny(steps, Task.Delay(EndsWithin, services.Time, _done.Token));
            services.Slots.Snapshots.Told(_store, failed: progress.Stage is RunStage.Streaming or RunStage.Committing);
            _ = steps.ContinueWith(
                t => t.Exception, CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw new RunStalledException(message);
        }

        return await steps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _done.Cancel();
        _done.Dispose();

        // A call that hangs would hold the slots for as long as it lasts.
        Leave(ref _checkSlot);
        Leave(ref _slot);
    }

    // When the process stops, running work may end, but waiting work does not begin any more.
    private async Task<IDisposable> WaitAsync(Func<CancellationToken, Task<IDisposable>> enter, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, services.Stop.Stopping);
        return await enter(either.Token);
    }

    // Without the store nothing can be decided; but the look at the cluster is worth remembering.
    private async Task<StoredView?> ViewAsync(CancellationToken cancellationToken)
    {
        _away = null;
        try
        {
            return await stored.GetAsync(cancellationToken, oldest: ListEvery);
        }
        catch (IOException e)
        {
            _away = ExceptionDispatchInfo.Capture(e);
            return null;
        }
    }

    // Nothing is known about a backup that no key opens, so a new one is taken.
    private async Task<bool> CanReadAsync(BackupEntry doubtful, CancellationToken cancellationToken)
    {
        try
        {
            await scrubber.SettleAsync(spec, doubtful, cancellationToken);
            return true;
        }
        catch (BackupKeyException)
        {
            return false;
        }
    }

    // If encryption was switched on, the latest backup has to be encrypted now, not only after the next change.
    private bool IsAsWanted(BackupEntry served) =>
        spec.Backup.Encryption != Encryption.Age || served.Name.Encoding.HasFlag(BackupEncoding.Age);

    private static void Leave(ref IDisposable? slot)
    {
        slot?.Dispose();
        slot = null;
    }
}

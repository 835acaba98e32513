using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;
using EtcdBackup.Runs;
using EtcdBackup.Scheduling;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace EtcdBackup.Grains;

/// <summary>
/// Schedules and runs the backups of one cluster. Reentrant, so that a changed spec or a second caller gets in while a run takes its
/// hours; turns never overlap, so the fields need no lock. The reminder brings the grain back after a crash; the timer is exact.
/// </summary>
[Reentrant]
[KeepAlive]
[SpreadPlacement]
internal sealed partial class BackupGrain(
    [PersistentState("backup", GrainStorage.Name)] IPersistentState<BackupGrainState> state,
    BackupRunner runner,
    BackupVerifier verifier,
    BackupCatalogs catalogs,
    TimeProvider time,
    StopSignal stop,
    ISiloStatusOracle silos,
    IEnumerable<IRunListener> listeners,
    ILogger<BackupGrain> logger) : Grain, IBackupGrain, IRemindable, IGrainMigrationParticipant
{
    private const string Heartbeat = "heartbeat";
    private const int OutcomesKept = 10;
    private const string ShuttingDown = "this silo is shutting down: try again in some seconds";

    private static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestHeartbeat = TimeSpan.FromMinutes(5);

    private IGrainTimer? _timer;
    private Task<RunOutcome>? _run;
    private RunProgress? _progress;
    private CancellationTokenSource? _cancelRun;
    private int _callers;
    private bool _isRemoving;

    private ClusterKey Key => ClusterKey.Parse(this.GetPrimaryKeyString());

    private ValueTask<BackupCatalog> CatalogAsync() => catalogs.ForAsync(state.State.Spec!, CancellationToken.None);

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _timer = this.RegisterGrainTimer(OnTimerAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        state.State.RefuseNewer(Key.ToString());
        if (state.State.Spec is not null)
        {
            await ReachStoreAsync();
            Plan(Schedule.OnWake(state.State.NextDue, time.GetUtcNow(), state.State.Spec.Backup.Interval));
        }
    }

    /// <inheritdoc/>
    public async Task ConfigureAsync(ClusterSpec spec, string source, TimeSpan within)
    {
        var before = state.State.Spec;
        if (before == spec && state.State.Source == source)
        {
            return;
        }

        (state.State.Spec, state.State.Source, _isRemoving) = (spec, source, false);
        var interval = spec.Backup.Interval;
        var due = before is null ? time.GetUtcNow() + (within * Schedule.PlaceOf(Key.ToString())) : Schedule.OnWake(state.State.NextDue, time.GetUtcNow(), interval);
        var heartbeat = TimeSpan.FromSeconds(Math.Clamp(interval.TotalSeconds, ShortestHeartbeat.TotalSeconds, LongestHeartbeat.TotalSeconds));
        try
        {
            await this.RegisterOrUpdateReminder(Heartbeat, heartbeat, heartbeat);
            Plan(due);
            await SaveAsync();
        }
        catch
        {
            // Otherwise the next try would take it for known.
            state.State.Spec = before;
            throw;
        }

        LogConfigured(Key, interval, before is null);
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(bool deleteBackups)
    {
        if (state.State.Spec is null)
        {
            return;
        }

        // Nothing may begin while what was taken is being deleted.
        _isRemoving = true;
        var before = state.State;
        try
        {
            await EndAsync(deleteBackups);
            LogRemoved(Key, deleteBackups ? "deleted" : "kept");
        }
        catch
        {
            (_isRemoving, state.State) = (false, before);
            Plan(state.State.NextDue ?? time.GetUtcNow());
            throw;
        }

        DeactivateOnIdle();
    }

    /// <inheritdoc/>
    public async Task DeleteBackupsAsync(ClusterSpec spec)
    {
        var catalog = await catalogs.ForAsync(spec, CancellationToken.None);
        foreach (var entry in await catalog.ListAsync(CancellationToken.None))
        {
            await PruneAsync(catalog, new RetentionDecision(entry.Name, false, "the cluster was removed, and its backups with it"));
        }
    }

    /// <inheritdoc/>
    public async Task<BackupNowReply> BackupNowAsync()
    {
        if (state.State.Spec is null || _isRemoving)
        {
            return new BackupNowReply(new RunOutcome(time.GetUtcNow(), 0, RunResult.NotRegistered, $"{Key} is not registered", null), null);
        }

        RunOutcome outcome;
        _callers++;
        try
        {
            outcome = await (_run ??= RunAsync(time.GetUtcNow()));
        }
        finally
        {
            _callers--;
        }

        var stands = outcome is { Result: RunResult.Succeeded or RunResult.Unchanged, Backup: { } backup } && state.State.Spec is not null
            ? await (await CatalogAsync()).FindAsync(backup, CancellationToken.None)
            : null;
        return new BackupNowReply(outcome, stands);
    }

    /// <inheritdoc/>
    public async Task<ClusterStatus> GetStatusAsync() =>
        new(await GetSummaryAsync(), state.State.Outcomes, await ListBackupsAsync());

    /// <inheritdoc/>
    public Task<ClusterSummary> GetSummaryAsync() => Task.FromResult(new ClusterSummary
    {
        Key = Key,
        Registered = state.State.Spec is not null,
        Silo = RuntimeIdentity,
        Spec = state.State.Spec,
        NextDue = state.State.NextDue,
        LastSuccess = state.State.LastSuccess,
        FailuresInRow = state.State.FailuresInRow,
        LastOutcome = state.State.Outcomes is [var last, ..] ? last : null,
        Running = _progress is { } p ? new RunningBackup(p.StartedAt, p.Stage, p.Bytes, p.ExpectedBytes) : null,
    });

    /// <inheritdoc/>
    public Task<Whereabouts> WakeAsync()
    {
        MoveHome();
        return Task.FromResult(new Whereabouts(silos.SiloAddress.ToParsableString(), _run is not null));
    }

    /// <summary>The heartbeat. That the grain is awake is all it is for, for waking sets the timer; but should a run have ended without planning the next, it plans one.</summary>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        var known = await GrainFactory.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key).CheckInAsync(Key, state.State.Spec, state.State.Source);
        if (state.State.Spec is null && known is not null)
        {
            await ConfigureAsync(known, "", TimeSpan.Zero);
        }
        else if (state.State.Spec is null && await this.GetReminder(reminderName) is { } orphan)
        {
            await this.UnregisterReminder(orphan);
        }
        else if (state.State is { Spec: not null, NextDue: { } due } && _run is null && time.GetUtcNow() - due > ShortestHeartbeat)
        {
            LogOverdue(Key, due);
            Plan(time.GetUtcNow());
        }

        MoveHome();
    }

    private async Task EndAsync(bool isDeleting)
    {
        _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_run is { } run)
        {
            if (_cancelRun is { } cancel)
            {
                await cancel.CancelAsync();
            }

            await run;
        }

        if (isDeleting)
        {
            await DeleteBackupsAsync(state.State.Spec!);
        }

        if (await this.GetReminder(Heartbeat) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }

        state.State = new BackupGrainState();
        await SaveAsync();
    }

    private async Task OnTimerAsync(CancellationToken cancellationToken)
    {
        if (state.State.Spec is not null && !_isRemoving)
        {
            await (_run ??= RunAsync(state.State.NextDue ?? time.GetUtcNow()));
        }
    }

    // A store that is not asked for is not swept either.
    private async Task ReachStoreAsync()
    {
        try
        {
            await CatalogAsync();
        }
        catch (StoreException e)
        {
            LogNoStore(Key, e);
        }
    }

    private void TellListeners()
    {
        foreach (var listener in listeners)
        {
            listener.Changed(Key);
        }
    }

    private void Plan(DateTimeOffset due)
    {
        state.State.NextDue = due;
        var wait = due - time.GetUtcNow();
        _timer!.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Runs;
using EtcdBackup.Scheduling;
using EtcdBackup.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace EtcdBackup.Grains;

/// <summary>
/// Schedules and runs the backups of one cluster. Reentrant, so that a changed spec or a second caller gets in while a run takes its
/// hours; turns never overlap, so the fields need no lock. The reminder brings the grain back after a crash; the timer is exact.
/// </summary>
[Reentrant]
[KeepAlive]
internal sealed partial class BackupGrain(
    [PersistentState("backup", GrainStorage.Name)] IPersistentState<BackupGrainState> state,
    BackupRunner runner,
    BackupVerifier verifier,
    StoreProvider stores,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<BackupGrain> logger) : Grain, IBackupGrain, IRemindable
{
    private const string Heartbeat = "heartbeat";
    private const int OutcomesKept = 10;

    private static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestHeartbeat = TimeSpan.FromMinutes(5);

    private Task _saving = Task.CompletedTask;
    private IGrainTimer? _timer;
    private Task<BackupNowReply>? _run;
    private RunProgress? _progress;
    private CancellationTokenSource? _cancelRun;

    private ClusterKey Key => ClusterKey.Parse(this.GetPrimaryKeyString());

    private BackupCatalog Catalog => new(stores.For(state.State.Spec!.Backup), Key, logger);

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _timer = this.RegisterGrainTimer(OnTimerAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        if (state.State.Spec is not null)
        {
            Plan(Schedule.OnWake(state.State.NextDue, time.GetUtcNow(), state.State.Spec.Backup.Interval));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task ConfigureAsync(ClusterSpec spec)
    {
        var before = state.State.Spec;
        if (before == spec)
        {
            return;
        }

        state.State.Spec = spec;
        if (before is null)
        {
            await RebuildAsync();
        }

        var interval = spec.Backup.Interval;
        var due = Schedule.OnWake(before is null ? null : state.State.NextDue, time.GetUtcNow(), interval);
        var heartbeat = TimeSpan.FromSeconds(Math.Clamp(interval.TotalSeconds, ShortestHeartbeat.TotalSeconds, LongestHeartbeat.TotalSeconds));
        await this.RegisterOrUpdateReminder(Heartbeat, heartbeat, heartbeat);
        Plan(due);
        try
        {
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
    public async Task RemoveAsync()
    {
        if (state.State.Spec is not { } spec)
        {
            return;
        }

        _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_run is { } run)
        {
            if (_cancelRun is { } cancel)
            {
                await cancel.CancelAsync();
            }

            await run;
        }

        if (spec.Backup.AutoDelete)
        {
            var catalog = Catalog;
            foreach (var entry in await catalog.ListAsync(CancellationToken.None))
            {
                await catalog.DeleteAsync(entry.Name, CancellationToken.None);
            }
        }

        if (await this.GetReminder(Heartbeat) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }

        state.State = new BackupGrainState();
        await SaveAsync();
        LogRemoved(Key, spec.Backup.AutoDelete ? "deleted" : "kept");
        DeactivateOnIdle();
    }

    /// <inheritdoc/>
    public Task<BackupNowReply> BackupNowAsync() => state.State.Spec is null
        ? Task.FromResult(new BackupNowReply(new RunOutcome(time.GetUtcNow(), 0, RunResult.NotRegistered, $"{Key} is not registered", null), null))
        : _run ??= RunAsync(time.GetUtcNow());

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

    /// <summary>The heartbeat. That the grain is awake is all it is for: waking sets the timer.</summary>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (state.State.Spec is null && await this.GetReminder(reminderName) is { } orphan)
        {
            await this.UnregisterReminder(orphan);
        }
    }

    private async Task OnTimerAsync(CancellationToken cancellationToken)
    {
        if (state.State.Spec is not null)
        {
            await (_run ??= RunAsync(state.State.NextDue ?? time.GetUtcNow()));
        }
    }

    private async Task<BackupNowReply> RunAsync(DateTimeOffset due)
    {
        // The field that holds this task must be set before its end clears it.
        await Task.Yield();
        var spec = state.State.Spec!;
        var started = time.GetUtcNow();
        _progress = new RunProgress(started);
        _cancelRun = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        try
        {
            var request = new RunRequest(spec, state.State.Position, state.State.Lineage, state.State.Latest, due);
            var (metadata, result, message) = await TryRunAsync(request, _progress, _cancelRun.Token);
            await RecordAsync(started, due, metadata, result, message);
            if (result == RunResult.Succeeded)
            {
                await PruneAsync(spec.Backup);
            }

            if (_scrub.IsCompleted)
            {
                _scrub = ScrubAsync();
            }

            var stands = result is RunResult.Succeeded or RunResult.Unchanged
                ? (await Catalog.ListAsync(CancellationToken.None)).FirstOrDefault(e => e.Name == state.State.Latest)
                : null;
            return new BackupNowReply(state.State.Outcomes[0], stands);
        }
        finally
        {
            _cancelRun.Dispose();
            (_run, _progress, _cancelRun) = (null, null, null);
        }
    }

    private async Task<(BackupMetadata? Metadata, RunResult Result, string? Message)> TryRunAsync(RunRequest request, RunProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            // Off the grain's own scheduler: hashing and disk writes must not hold up its turns.
            var metadata = await Task.Run(() => runner.RunAsync(request, progress, cancellationToken), CancellationToken.None);
            return (metadata, metadata is null ? RunResult.Unchanged : RunResult.Succeeded, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (null, RunResult.Stopped, lifetime.ApplicationStopping.IsCancellationRequested ? "the service is shutting down: try again when it is back" : $"{Key} was removed while its backup ran");
        }
        catch (Exception e)
        {
            // The boundary: whatever a run throws ends here, in the history and in the log.
            LogFailed(Key, state.State.FailuresInRow + 1, e);
            var result = RunFailure.Classify(e);
            return (null, result, result == RunResult.Failed ? "the backup failed for a reason of the service's own: see its log" : e.Message);
        }
    }

    private async Task RecordAsync(DateTimeOffset started, DateTimeOffset due, BackupMetadata? metadata, RunResult result, string? message)
    {
        var now = time.GetUtcNow();
        var s = state.State;
        if (metadata is not null)
        {
            (s.Position, s.Lineage, s.Latest) = (metadata.Position, metadata.Lineage, metadata.Name);
        }

        s.Outcomes.Insert(0, new RunOutcome(started, Math.Round((now - started).TotalSeconds, 3), result, message, s.Latest));
        if (s.Outcomes.Count > OutcomesKept)
        {
            s.Outcomes.RemoveRange(OutcomesKept, s.Outcomes.Count - OutcomesKept);
        }

        if (s.Spec is not { } spec)
        {
            return;
        }

        if (result is RunResult.Succeeded or RunResult.Unchanged)
        {
            (s.LastSuccess, s.FailuresInRow) = (now, 0);
            Plan(Schedule.AfterSuccess(due, now, spec.Backup.Interval));
        }
        else if (result is not RunResult.Stopped)
        {
            s.FailuresInRow++;
            Plan(Schedule.AfterFailure(now, spec.Backup.Interval, s.FailuresInRow, Random.Shared.NextDouble()));
        }

        await SaveAsync();
        if (metadata is not null)
        {
            LogTaken(Key, metadata.Name, metadata.Size, metadata.Member, s.Outcomes[0].Seconds);
        }
    }

    // State can be lost, the store is the truth: its newest backup says where the cluster stood.
    private async Task RebuildAsync()
    {
        if (BackupOrder.Latest(await Catalog.ListAsync(CancellationToken.None)) is { Metadata: { } metadata } latest)
        {
            (state.State.Position, state.State.Lineage, state.State.Latest) = (metadata.Position, metadata.Lineage, latest.Name);
        }
    }

    private void Plan(DateTimeOffset due)
    {
        state.State.NextDue = due;
        var wait = due - time.GetUtcNow();
        _timer!.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    // A reentrant grain could write twice at once, and the second would carry the first one's etag.
    private Task SaveAsync() => _saving = SaveAfterAsync(_saving);

    private async Task SaveAfterAsync(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await state.WriteStateAsync();
    }
}

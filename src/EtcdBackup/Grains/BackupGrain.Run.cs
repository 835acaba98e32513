using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Runs;
using EtcdBackup.Scheduling;

namespace EtcdBackup.Grains;

/// <content>One run: from its beginning to what is remembered of it.</content>
internal sealed partial class BackupGrain
{
    private async Task<RunOutcome> RunAsync(DateTimeOffset due)
    {
        // The field that holds this task must be set before its end clears it.
        await Task.Yield();
        using var work = stop.TryBegin();
        var spec = state.State.Spec!;
        var started = time.GetUtcNow();
        if (work is null)
        {
            _run = null;
            return new RunOutcome(started, 0, RunResult.Stopped, ShuttingDown, null);
        }

        _progress = new RunProgress(started);
        _cancelRun = CancellationTokenSource.CreateLinkedTokenSource(stop.Cut);
        try
        {
            var (metadata, result, message) = await TryRunAsync(spec, due, _progress, _cancelRun.Token);
            if (_elsewhere is not null)
            {
                return new RunOutcome(started, 0, result, message, null);
            }

            var failedBefore = state.State.FailuresInRow > 0;
            await RecordAsync(started, due, metadata, result, message);
            if (result != RunResult.Unchanged || failedBefore)
            {
                TellListeners();
            }

            if (result == RunResult.Succeeded)
            {
                await PruneAsync(spec.Backup);
            }

            if (_scrub.IsCompleted)
            {
                _scrub = ScrubAsync();
            }

            return state.State.Outcomes[0];
        }
        finally
        {
            EndRun();
        }
    }

    private void EndRun()
    {
        _cancelRun?.Dispose();
        (_run, _progress, _cancelRun, _isVisitor) = (null, null, null, false);
        if (_isRemoving)
        {
            return;
        }

        if (_elsewhere is { } silo)
        {
            // It is due still, so it begins as soon as it is there.
            _elsewhere = null;
            MoveTo(silo);
            return;
        }

        if (state.State is { Spec: not null, NextDue: { } next } && next <= time.GetUtcNow())
        {
            // It came due while this run was still putting things away: the timer found it running, and fires only once.
            Plan(next);
        }

        MoveHome();
    }

    private async Task<(BackupMetadata? Metadata, RunResult Result, string? Message)> TryRunAsync(ClusterSpec spec, DateTimeOffset due, RunProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            if (state.State.Position is null)
            {
                await RebuildAsync();
            }

            var turns = TaskScheduler.Current;
            var request = new RunRequest(spec, state.State.Position, state.State.Lineage, state.State.Latest, due)
            {
                // Asked from the run's own thread, answered in a turn of the grain.
                GoElsewhereAsync = () => Task.Factory.StartNew(async () => (_elsewhere = await FindFreeSiloAsync()) is not null, CancellationToken.None, TaskCreationOptions.None, turns).Unwrap(),
            };
            // Off the grain's own scheduler: hashing and disk writes must not hold up its turns.
            var metadata = await Task.Run(() => runner.RunAsync(request, progress, stop.Stopping, cancellationToken), CancellationToken.None);
            return (metadata, metadata is null ? RunResult.Unchanged : RunResult.Succeeded, null);
        }
        catch (TakenElsewhereException e)
        {
            return (null, RunResult.Stopped, e.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || stop.Stopping.IsCancellationRequested)
        {
            return (null, RunResult.Stopped, stop.Stopping.IsCancellationRequested ? ShuttingDown : $"{Key} was removed while its backup ran");
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

        BackupMeter.Count(s.Outcomes[0], metadata?.Size ?? 0);
        if (s.Spec is not { } spec)
        {
            return;
        }

        if (result is RunResult.Succeeded or RunResult.Unchanged)
        {
            (s.LastSuccess, s.FailuresInRow) = (now, 0);
            Plan(Schedule.AfterSuccess(due, now, spec.Backup.Interval, Schedule.PlaceOf(Key.ToString())));
        }
        else if (result is not RunResult.Stopped)
        {
            s.FailuresInRow++;
            Plan(Schedule.AfterFailure(now, spec.Backup.Interval, s.FailuresInRow, Random.Shared.NextDouble()));
        }

        // A state store that hangs holds up neither the caller nor the next run; what is written is what is true by then.
        await Task.WhenAny(SaveOutcomeAsync(), Task.Delay(SavePatience, time));
        if (metadata is not null)
        {
            LogTaken(Key, metadata.Name, metadata.Size, metadata.Member, s.Outcomes[0].Seconds);
        }
    }

    // State can be lost, the store is the truth: its newest backup says where the cluster stood.
    private async Task RebuildAsync()
    {
        if (BackupOrder.Latest(await (await CatalogAsync()).ListAsync(CancellationToken.None)) is { Metadata: { } metadata } latest)
        {
            (state.State.Position, state.State.Lineage, state.State.Latest) = (metadata.Position, metadata.Lineage, latest.Name);
        }
    }
}

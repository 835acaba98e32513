using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Runs;
using EtcdBackup.Scheduling;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Grains;

/// <content>One run: from its beginning to what is remembered of it.</content>
internal sealed partial class BackupClock
{
    private const string ShuttingDown = "this silo is shutting down: try again in some seconds";

    private Task<(RunOutcome Outcome, BackupEntry? Backup)>? _run;
    private RunProgress? _progress;
    private CancellationTokenSource? _cancelRun;
    private Task _scrub = Task.CompletedTask;
    private bool _isRecorded;
    private int _callers;

    /// <summary>Whether callers wait for the run: then it stays where they are.</summary>
    public bool HasCallers => _callers > 0;

    /// <summary>The timer fired: a backup is due.</summary>
    public async Task TimerAsync()
    {
        if (State.Spec is not null && !_isRemoving && Refusal is null)
        {
            await (_run ??= RunAsync(State.NextDue ?? Now));
        }
    }

    /// <inheritdoc cref="IBackupGrain.BackupNowAsync"/>
    public async Task<BackupNowReply> BackupNowAsync()
    {
        if (Refusal is { } refusal)
        {
            return new BackupNowReply(new RunOutcome(Now, 0, RunResult.Failed, refusal, null), null);
        }

        if (!await IsRegisteredAsync() || _isRemoving)
        {
            return new BackupNowReply(new RunOutcome(Now, 0, RunResult.NotRegistered, $"{_key} is not registered", null), null);
        }

        _callers++;
        try
        {
            // One that is only tidying up holds nothing of what was written since.
            while (_isRecorded && _run is { } ending)
            {
                await ending;
            }

            var (outcome, backup) = await (_run ??= RunAsync(Now));
            return new BackupNowReply(outcome, backup);
        }
        finally
        {
            _callers--;
        }
    }

    private async Task<(RunOutcome Outcome, BackupEntry? Backup)> RunAsync(DateTimeOffset due)
    {
        // The field that holds this task must be set before its end clears it.
        await Task.Yield();
        var progress = _progress = new RunProgress(_services.Time);
        using var work = _services.Stop.TryBegin();
        using var cancel = _cancelRun = CancellationTokenSource.CreateLinkedTokenSource(_services.Stop.Cut);
        try
        {
            if (work is null || State.Spec is not { } spec)
            {
                return (new RunOutcome(progress.StartedAt, 0, RunResult.Stopped, ShuttingDown, null), null);
            }

            var end = await TryRunAsync(spec, due, progress, cancel);
            var outcome = await RecordAsync(progress, due, end);
            _isRecorded = true;
            if (end is { Result: RunResult.Succeeded, Backup: { } taken })
            {
                await PruneAsync(taken.Name);
            }

            if (_scrub.IsCompleted && State.Spec is not null)
            {
                _scrub = ScrubAsync(State.Spec);
            }

            return (outcome, end.Backup);
        }
        finally
        {
            EndRun();
        }
    }

    private void EndRun()
    {
        (_run, _progress, _cancelRun, _isRecorded) = (null, null, null, false);
        if (!_isRemoving && State is { Spec: not null, NextDue: { } next } && next <= Now)
        {
            // It came due while this run was still putting things away: the timer found it running, and fires only once.
            Plan(next);
        }

        _host.Idle();
    }

    private async Task<RunEnd> TryRunAsync(ClusterSpec spec, DateTimeOffset due, RunProgress progress, CancellationTokenSource cancel)
    {
        var run = new BackupRun(_key, spec, due, _services, _stored, progress, _logger);
        try
        {
            return await run.RunAsync(() => State.Look, RememberAsync, State.FailuresInRow > 0, MayHandOffAsync, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested || _services.Stop.Stopping.IsCancellationRequested || State.Spec is null)
        {
            var why = _services.Stop.Stopping.IsCancellationRequested ? ShuttingDown : $"{_key} was removed while its backup ran";
            return new RunEnd(RunResult.Stopped, why, null);
        }
        catch (Exception e)
        {
            // The boundary: whatever a run throws ends here, in the history and in the log.
            var result = RunFailure.Classify(e);
            LogFailed(_key, State.FailuresInRow + 1, e);
            return new RunEnd(result, result == RunResult.Failed ? "the backup failed for a reason of the service's own: see its log" : e.Message, null);
        }
    }

    // Callers wait for an answer from here.
    private async Task<bool> MayHandOffAsync() => _callers == 0 && await _host.HandOffAsync();

    private async Task RememberAsync(ClusterLook look)
    {
        var isNew = State.Lineage?.Incarnation != look.Lineage.Incarnation;
        State.Remember(look);
        if (isNew)
        {
            // Otherwise a crash before the backup could lose that the cluster was restored, and its position climb back unseen.
            await SaveSoonAsync();
        }
    }

    private async Task<RunOutcome> RecordAsync(RunProgress progress, DateTimeOffset due, RunEnd end)
    {
        var now = Now;
        var seconds = Math.Round((now - progress.StartedAt).TotalSeconds, 3);
        var outcome = new RunOutcome(progress.StartedAt, seconds, end.Result, end.Message, end.Backup?.Name);
        if (end.IsHandedOff || State.Spec is not { } spec)
        {
            return outcome;
        }

        var failedBefore = State.FailuresInRow > 0;
        State.Record(outcome);
        foreach (var listener in _services.Listeners)
        {
            listener.Ended(_key, outcome);
        }

        BackupMeter.Count(outcome, end.Result == RunResult.Succeeded ? end.Backup!.Size : 0);
        if (end.IsWell)
        {
            (State.LastSuccess, State.FailuresInRow) = (now, 0);
            PlanUnlessRemoving(Schedule.AfterSuccess(due, now, spec.Backup.Interval, Schedule.PlaceOf(_key.ToString())));
        }
        else if (end.Result is not RunResult.Stopped)
        {
            State.FailuresInRow++;
            PlanUnlessRemoving(Schedule.AfterFailure(now, spec.Backup.Interval, State.FailuresInRow, _services.Random.NextDouble()));
        }

        if (end.Result != RunResult.Unchanged || failedBefore)
        {
            TellListeners();
        }

        await SaveSoonAsync();
        if (end is { Result: RunResult.Succeeded, Backup: { } taken })
        {
            LogTaken(_key, taken.Name, taken.Size, taken.Metadata!.Member, seconds);
        }

        return outcome;
    }

    private void PlanUnlessRemoving(DateTimeOffset due)
    {
        if (!_isRemoving)
        {
            Plan(due);
        }
    }

    private async Task PruneAsync(BackupName taken)
    {
        try
        {
            await _stored.PruneAsync(taken, _services.Stop.Cut);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The backup itself is safe; the next one prunes again.
            LogPruneFailed(_key, e.Message);
        }
    }

    // Goes on beside the next runs: its speed is limited.
    private async Task ScrubAsync(ClusterSpec spec)
    {
        try
        {
            if (await _scrubber.ScrubAsync(spec, _services.Stop.Stopping))
            {
                AfterReading(isSound: false);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            LogScrubFailed(_key, e.Message);
        }
    }

    private async Task CancelRunAsync()
    {
        while (_run is { } run)
        {
            if (_cancelRun is { } cancel)
            {
                cancel.Cancel();
            }

            await run;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: backup {Backup}, {Bytes} bytes from {Member} in {Seconds} s")]
    private partial void LogTaken(ClusterKey cluster, BackupName backup, long bytes, string member, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "The backup of {Cluster} failed, time {Failures} in a row; the backups in the store are untouched")]
    private partial void LogFailed(ClusterKey cluster, int failures, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Cluster}: old backups could not be removed: {Why}. The next backup tries again")]
    private partial void LogPruneFailed(ClusterKey cluster, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: reading its stored backups again broke off: {Why}. That is tried after the next run")]
    private partial void LogScrubFailed(ClusterKey cluster, string why);
}

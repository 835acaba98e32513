using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Runs;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Grains;

/// <content>One run, from its beginning to its record.</content>
internal sealed partial class BackupClock
{
    private static readonly TimeSpan PruneWithin = TimeSpan.FromSeconds(5);

    private const string ShuttingDown = "this silo is shutting down: try again in some seconds";

    private Task<(RunOutcome Outcome, BackupEntry? Backup)>? _run;
    private RunProgress? _progress;
    private CancellationTokenSource? _cancelRun;
    private Task _scrub = Task.CompletedTask;
    private Task _prune = Task.CompletedTask;
    private BackupName? _lastTaken;
    private int _callers;

    /// <summary>Whether callers wait for the run: then it stays on this silo.</summary>
    public bool HasCallers => _callers > 0;

    /// <summary>The timer fired: a backup is due.</summary>
    public async Task TimerAsync()
    {
        if (State.Spec is not null && !_isRemoving && !IsStopping && Refusal is null)
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
            // A run that has asked the members does not contain what this caller wrote since.
            while (_run is { } ending && _progress is { IsBeforeLook: false })
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
        var progress = _progress = new RunProgress(_services.Time, _key.ToString());
        using var work = _services.Stop.TryBegin();
        var end = RunEnd.NotBegun;
        using var cancel = _cancelRun = CancellationTokenSource.CreateLinkedTokenSource(_services.Stop.Cut);
        try
        {
            if (work is null || State.Spec is not { } spec)
            {
                return (new RunOutcome(progress.StartedAt, 0, RunResult.Stopped, ShuttingDown, null), null);
            }

            end = await TryRunAsync(spec, due, progress, cancel);
            var outcome = await RecordAsync(progress, due, end);

            // Where there is no room, what no rule keeps makes some for the next try.
            var stays = end.Result == RunResult.StoreFull ? _stored.View?.Latest : end.Backup;
            if (end.Result is RunResult.Succeeded or RunResult.StoreFull && stays is { } taken)
            {
                progress.Stage = RunStage.Pruning;
                await PruneSoonAsync(taken.Name);
            }

            if (_scrub.IsCompleted && State.Spec is not null)
            {
                _scrub = ScrubAsync(State.Spec);
            }

            return (outcome, end.Backup);
        }
        finally
        {
            progress.End(end.Result.ToString(), end.Message);
            EndRun();
        }
    }

    private void EndRun()
    {
        (_run, _progress, _cancelRun) = (null, null, null);
        if (!_isRemoving && !IsStopping && State is { Spec: not null, NextDue: { } next } && next <= Now)
        {
            // The next run came due while this one was still pruning: the timer found it running, and fires only once.
            Plan(next);
        }

        _host.Idle();
    }

    // Removing many takes long, and holds up neither callers nor the next run.
    private async Task PruneSoonAsync(BackupName taken)
    {
        _lastTaken = taken;
        _prune = _prune.IsCompleted ? PruneAsync() : _prune;
        await Task.WhenAny(_prune, Task.Delay(PruneWithin, _services.Time));
    }

    private async Task PruneAsync()
    {
        for (BackupName? done = null; done != _lastTaken;)
        {
            done = _lastTaken;
            try
            {
                await ThenTellBoardAsync(() => _stored.PruneAsync(_lastTaken!.Value, _services.Stop.Stopping));
            }
            catch (OperationCanceledException)
            {
                // The silo ends, or the cluster was removed. The next backup prunes again.
            }
            catch (IOException e)
            {
                LogPruneFailed(_key, e.Message);
            }
            catch (Exception e)
            {
                // The boundary: the backup itself is safe, and nobody waits for this.
                LogFault(_key, 1, e);
            }
        }
    }

    // It may overlap the next runs, because its speed is limited.
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

    [LoggerMessage(Level = LogLevel.Error, Message = "{Cluster}: old backups could not be removed: {Why}. The next backup tries again")]
    private partial void LogPruneFailed(ClusterKey cluster, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: the scrub of its stored backups failed: {Why}. It is tried again after the next run")]
    private partial void LogScrubFailed(ClusterKey cluster, string why);
}

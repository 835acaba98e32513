using System.Numerics;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Runs;
using EtcdBackup.Scheduling;
using EtcdBackup.Stores;
using EtcdBackup.Upkeep;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Grains;

/// <content>The steps of a run, and its record.</content>
internal sealed partial class BackupClock
{
    private const int LooksAtMost = 4;

    private IReadOnlyList<MemberStatus> _members = [];

    private async Task<RunEnd> TryRunAsync(ClusterSpec spec, DateTimeOffset due, RunProgress progress, CancellationTokenSource cancel)
    {
        try
        {
            while (true)
            {
                using var run = new BackupRun(_key, spec, due, _services, _stored, _scrubber, () => State.Look, progress);
                if (await run.WatchAsync(StepsAsync(run, spec, cancel.Token), cancel) is { } end)
                {
                    return end;
                }

                // The spec names another store now: the snapshot was received for the one before and cannot be committed there.
                spec = State.Spec ?? spec;
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested || IsStopping || State.Spec is null)
        {
            return new RunEnd(RunResult.Stopped, IsStopping ? ShuttingDown : $"{_key} was removed while its backup ran", null);
        }
        catch (Exception e)
        {
            // The boundary: whatever a run throws ends here, recorded in the history and logged.
            var result = RunFailure.Classify(e);
            TellFailure(result, e);
            return new RunEnd(result, result == RunResult.Failed ? "the backup failed because of an internal error: see the service's log"
                : e.Message, null);
        }
    }

    // A stack trace helps only with faults of our own; and what goes on failing is told at its 1st, 2nd, 4th, 8th … time.
    private void TellFailure(RunResult result, Exception e)
    {
        var failures = State.FailuresInRow + 1;
        if (result == RunResult.Failed)
        {
            LogFault(_key, failures, e);
        }
        else if (BitOperations.IsPow2(failures))
        {
            LogFailed(_key, failures, e.Message);
        }
    }

    // Null: the spec changed, and the run begins again with it.
    private async Task<RunEnd?> StepsAsync(BackupRun run, ClusterSpec spec, CancellationToken cancellationToken)
    {
        for (var looks = 0; looks < LooksAtMost;)
        {
            using var cluster = await run.OpenAsync(cancellationToken);
            var check = await CheckAsync(run, cluster, cancellationToken);
            if (await run.StandingAsync(check, cancellationToken) is { } stands)
            {
                return new RunEnd(RunResult.Unchanged, null, stands);
            }

            if (!run.TryEnter())
            {
                // Callers wait for an answer from this silo.
                if (_callers == 0 && await _host.HandOffAsync())
                {
                    return RunEnd.HandedOff;
                }

                // The cluster may change during the wait, so it is checked again.
                await run.EnterAsync(cancellationToken);
                continue;
            }

            if (await TakeAsync(run, cluster, check, cancellationToken) is { } end)
            {
                return end;
            }

            if (State.Spec is { } now && StorePlace.Of(now) != StorePlace.Of(spec))
            {
                return null;
            }

            LogLookedAgain(_key, ++looks);
        }

        throw new EtcdUnavailableException(
            $"{_key} was restored, or backed up by another silo, {LooksAtMost} times while its snapshot was on its way: it is tried again");
    }

    private async Task<ClusterCheck> CheckAsync(BackupRun run, IEtcdCluster cluster, CancellationToken cancellationToken)
    {
        var check = await run.CheckAsync(cluster, State.FailuresInRow > 0, cancellationToken);
        TellWarnings(check.Members);
        await RememberAsync(check.Look);

        // A run that made no progress was already ended: it must take no slot, and move to no other silo.
        cancellationToken.ThrowIfCancellationRequested();
        return check;
    }

    // Each is logged when it comes up, and not at each check again.
    private void TellWarnings(IReadOnlyList<MemberStatus> members)
    {
        var before = MemberWarnings.Of(_members);
        _members = members;
        foreach (var warning in MemberWarnings.Of(members).Except(before))
        {
            LogMembers(_key, warning);
        }
    }

    private async Task<RunEnd?> TakeAsync(BackupRun run, IEtcdCluster cluster, ClusterCheck check, CancellationToken cancellationToken)
    {
        if (await run.TakeAsync(cluster, check, cancellationToken) is not { Metadata: { } metadata } taken)
        {
            return null;
        }

        await RememberAsync(new ClusterLook(metadata.Position, metadata.Lineage));
        return new RunEnd(RunResult.Succeeded, null, taken);
    }

    private async Task RememberAsync(ClusterLook look)
    {
        var isNew = State.Lineage?.Incarnation != look.Lineage.Incarnation;
        State.Remember(look);
        if (isNew)
        {
            // Otherwise a crash before the backup could lose the restore, and the position could climb back unnoticed.
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

        var failedBefore = State.FailuresInRow;
        State.Record(outcome);
        foreach (var listener in _services.Listeners)
        {
            listener.Ended(_key, outcome);
        }

        BackupMeter.Count(outcome, end.Result == RunResult.Succeeded ? end.Backup!.Size : 0);
        PlanNext(spec.Backup.Interval, due, now, end);
        TellBoard();
        if (end.Result != RunResult.Unchanged || failedBefore > 0)
        {
            TellListeners();
        }

        await SaveSoonAsync();
        if (end is { Result: RunResult.Succeeded, Backup: { } taken })
        {
            TellTaken(spec, taken, seconds);
        }

        if (failedBefore > 0 && end.IsWell)
        {
            LogRecovered(_key, failedBefore);
        }

        return outcome;
    }

    // All that a person wants to know of it, in one line.
    private void TellTaken(ClusterSpec spec, BackupEntry taken, double seconds)
    {
        var metadata = taken.Metadata!;
        LogTaken(
            _key, taken.Name, taken.Revision, taken.Version, taken.Size, metadata.Member, taken.StoredSize,
            StoreProvider.PlaceOf(spec.Backup), metadata.Proof?.Level.ToString() ?? "file", seconds);
    }

    private void PlanNext(TimeSpan interval, DateTimeOffset due, DateTimeOffset now, RunEnd end)
    {
        if (end.IsWell)
        {
            (State.LastSuccess, State.FailuresInRow) = (now, 0);
            PlanUnlessRemoving(Schedule.AfterSuccess(due, now, interval, Schedule.PlaceOf(_key.ToString())));
        }
        else if (end.Result is not RunResult.Stopped)
        {
            State.FailuresInRow++;
            PlanUnlessRemoving(Schedule.AfterFailure(now, interval, State.FailuresInRow, _services.Random.NextDouble()));
        }
    }

    private void PlanUnlessRemoving(DateTimeOffset due)
    {
        if (!_isRemoving)
        {
            Plan(due);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: the facts changed while its snapshot was on its way; looking at the cluster again ({Looks})")]
    private partial void LogLookedAgain(ClusterKey cluster, int looks);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: {Warning}")]
    private partial void LogMembers(ClusterKey cluster, string warning);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "{Cluster}: backup {Backup}, revision {Revision}, etcd {Version}: {Bytes} bytes from {Member}, {StoredBytes} in {Store}, proven " +
        "by {Proof}, in {Seconds} s")]
    private partial void LogTaken(
        ClusterKey cluster, BackupName backup, long revision, EtcdVersion version, long bytes, string member, long storedBytes,
        string store, string proof, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: its backups succeed again, after {Failures} failures in a row")]
    private partial void LogRecovered(ClusterKey cluster, int failures);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The backup of {Cluster} failed, time {Failures} in a row; the backups in the store are untouched: {Why}")]
    private partial void LogFailed(ClusterKey cluster, int failures, string why);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The backup of {Cluster} failed because of an internal error, time {Failures} in a row; the backups in the store are untouched")]
    private partial void LogFault(ClusterKey cluster, int failures, Exception exception);
}

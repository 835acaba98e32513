using EtcdBackup.Clusters;
using EtcdBackup.Scheduling;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Grains;

/// <content>How the state is saved, and what the log says.</content>
internal sealed partial class BackupClock
{
    private static readonly TimeSpan SavePatience = TimeSpan.FromSeconds(2);

    private Task _refresh = Task.CompletedTask;
    private string? _saveProblem;
    private int _saying;

    // What was just requested counts, whatever another activation wrote.
    private async Task SaveSaidAsync()
    {
        _saying++;
        try
        {
            await _saved.SaveAsync();
        }
        finally
        {
            _saying--;
        }
    }

    // The backup is safe in any case. While the state store is down, the state in memory counts, and the next run saves it.
    // A state store that hangs delays neither the caller nor the next run; the write then contains the values of that later moment.
    private async Task SaveSoonAsync() => await Task.WhenAny(TrySaveAsync(), Task.Delay(SavePatience, _services.Time));

    private async Task TrySaveAsync()
    {
        try
        {
            await _saved.SaveAsync();
            _saveProblem = null;
        }
        catch (Exception e)
        {
            if (_saveProblem != e.Message)
            {
                LogNotSaved(_key, e);
            }

            _saveProblem = e.Message;
        }
    }

    private BackupGrainState Merge(BackupGrainState mine, BackupGrainState theirs)
    {
        LogOtherActivation(_key);
        var merged = BackupGrainState.Merge(mine, theirs);
        if (_saying > 0)
        {
            (merged.Spec, merged.Source) = (mine.Spec, mine.Source);
        }

        if (merged.Spec is { } spec)
        {
            var due = Schedule.OnWake(merged.NextDue, Now, spec.Backup.Interval);
            merged.NextDue = due;
            _host.SetTimer(due > Now ? due - Now : TimeSpan.Zero);
        }
        else
        {
            _host.SetTimer(Timeout.InfiniteTimeSpan);
        }

        return merged;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Refusal}. Its backups wait until then")]
    private partial void LogRefused(string refusal);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster} is backed up every {Interval} (new: {IsNew})")]
    private partial void LogConfigured(ClusterKey cluster, TimeSpan interval, bool isNew);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster} is no longer backed up; its backups are {Fate}")]
    private partial void LogRemoved(ClusterKey cluster, string fate);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} was due at {Due}, and nothing was planned: its backup runs now")]
    private partial void LogOverdue(ClusterKey cluster, DateTimeOffset due);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: another activation wrote the state; both are merged")]
    private partial void LogOtherActivation(ClusterKey cluster);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "{Cluster}: the state could not be saved; backups go on, and the next run saves it. Logged once for each cause")]
    private partial void LogNotSaved(ClusterKey cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: its store cannot be listed: {Why}. The status shows what was seen before")]
    private partial void LogNotListed(ClusterKey cluster, string why);
}

using EtcdBackup.Clusters;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace EtcdBackup.Grains;

/// <content>How decisions are kept and carried out. Kept first: a crash in between leaves work to do, never a cluster that nobody
/// lists.</content>
internal sealed partial class ClusterDirectoryGrain
{
    private const int AtOnce = 64;

    // Each cluster has at most one of these, so that what is done with it is done in order.
    private readonly Dictionary<ClusterKey, Task> _working = [];
    private Task _saving = Task.CompletedTask;
    private int _saved;
    private string? _tickProblem;

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            var work = _register.Tick(Now);
            await SaveAsync();

            // Removals may take long, and the next tick must not wait for them.
            foreach (var act in work.Acts.Where(a => a is not RegisterAct.Configure))
            {
                WorkAsync(act.Key).Ignore();
            }

            await WorkAsync(work.Acts.OfType<RegisterAct.Configure>(), []);
            _tickProblem = null;
        }
        catch (InconsistentStateException e)
        {
            LogOtherDirectory(e);
            DeactivateOnIdle();
        }
        catch (Exception e)
        {
            if (_tickProblem != e.Message)
            {
                LogTickFailed(e);
            }

            _tickProblem = e.Message;
        }
    }

    private async Task CarryOutAsync(RegisterWork work)
    {
        await SaveAsync();
        var failures = new List<Exception>();
        await WorkAsync(work.Acts.Where(a => a is RegisterAct.Configure), failures);
        if (failures.Count > 0)
        {
            throw failures.Count == 1 ? failures[0] : new AggregateException($"{failures.Count} clusters could not be registered",
                failures);
        }
    }

    // One cluster's failure holds up no other. Not Parallel.ForEachAsync: that would leave the grain's scheduler.
    private Task WorkAsync(IEnumerable<RegisterAct> acts, List<Exception> failures)
    {
        var left = new Queue<RegisterAct>(acts);
        return Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, left.Count)).Select(_ => WorkOffAsync()));

        async Task WorkOffAsync()
        {
            while (left.TryDequeue(out var act))
            {
                try
                {
                    await WorkAsync(act.Key);
                }
                catch (Exception e)
                {
                    failures.Add(e);
                }
            }
        }
    }

    private Task WorkAsync(ClusterKey key, Func<Task>? first = null)
    {
        if (_working.TryGetValue(key, out var running))
        {
            // It looks again when it is done with what it does.
            return first is null ? running : WorkAfterAsync(running, key, first);
        }

        var work = WorkOnAsync(key, first);
        if (!work.IsCompleted)
        {
            _working[key] = work;
        }

        return work;
    }

    private async Task WorkAfterAsync(Task running, ClusterKey key, Func<Task> first)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await WorkAsync(key, first);
    }

    private async Task WorkOnAsync(ClusterKey key, Func<Task>? first)
    {
        try
        {
            if (first is not null)
            {
                await first();
            }

            while (_register.NextAct(key, Now) is { } act)
            {
                await DoAsync(act);
            }
        }
        finally
        {
            _working.Remove(key);
        }
    }

    private async Task DoAsync(RegisterAct act)
    {
        try
        {
            await ActAsync(act);
        }
        catch (Exception e)
        {
            // Cancelled is not done either: it comes again.
            var failures = _register.Failed(act.Key, Now);
            if (failures == 1 || failures % 10 == 0)
            {
                LogNotDone(act.Key, act.GetType().Name, e);
            }

            throw;
        }

        _register.Done(act, Now);
        await SaveAsync();
    }

    private async Task ActAsync(RegisterAct act)
    {
        var grain = GrainFactory.GetGrain<IBackupGrain>(act.Key.ToString());
        switch (act)
        {
            case RegisterAct.Configure configure:
                await grain.ConfigureAsync(configure.Spec, configure.Source, configure.Within);
                break;
            case RegisterAct.Unregister:
                _register.Keep(act.Key, (await grain.GetSummaryAsync()).Spec);
                await SaveAsync();
                LogUnregistered(act.Key, _register.Times.Grace);
                await grain.RemoveAsync(deleteBackups: false);
                break;
            case RegisterAct.DeleteBackups delete:
                if (await grain.GetSummaryAsync() is { Registered: true, Spec: { } spec })
                {
                    // The state here is older than what the grain knows.
                    _register.CheckIn(act.Key, spec, "", Now);
                    break;
                }

                LogDeleting(act.Key, _register.Times.BackupsGrace);
                await grain.DeleteBackupsAsync(delete.Spec);
                break;
        }
    }

    // Only what is done is forgotten: a removal that fails leaves the cluster listed, and the person asks again.
    private async Task<bool> RemoveNowAsync(ClusterKey key, bool deleteBackups)
    {
        var isDone = true;
        await WorkAsync(key, async () =>
        {
            var grain = GrainFactory.GetGrain<IBackupGrain>(key.ToString());
            var entry = _register.Find(key);
            if (entry is { Stage: ClusterStage.Registered })
            {
                await grain.RemoveAsync(deleteBackups);
            }
            else if (entry is { Stage: ClusterStage.Departed } && deleteBackups && (isDone = entry.Spec is not null))
            {
                await grain.DeleteBackupsAsync(entry.Spec!);
            }

            if (isDone)
            {
                _register.Forget(key, Now);
                await SaveAsync();
            }
        });
        return isDone;
    }

    // A reentrant grain could write twice at once, and the second would carry the first one's etag.
    private Task SaveAsync() => _saved == _register.Version && _saving.IsCompleted ? Task.CompletedTask : _saving = SaveAfterAsync(_saving);

    private async Task SaveAfterAsync(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var version = _register.Version;
        if (_saved != version)
        {
            state.State = ClusterDirectoryState.Of(_register);
            await state.WriteStateAsync();
            _saved = version;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Reporter} names no cluster at all, and {Count} stay registered: an " +
        "empty list removes nothing. To remove one: DELETE /v1/clusters/NAMESPACE/NAME")]
    private partial void LogEmpty(string source, string reporter, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}, of {Source}, is registered and was not in the list of clusters, " +
        "which was lost or is an older one: it is listed again")]
    private partial void LogListedAgain(ClusterKey cluster, string source);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: no source named it for {Grace}: it is backed up no more. Name it " +
        "again to undo that")]
    private partial void LogUnregistered(ClusterKey cluster, TimeSpan grace);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: it was unregistered {Grace} ago and has autoDelete: its backups " +
        "are deleted now")]
    private partial void LogDeleting(ClusterKey cluster, TimeSpan grace);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Cluster}: {Act} failed; it is tried again, less and less often")]
    private partial void LogNotDone(ClusterKey cluster, string act, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The list of clusters could not be kept; it is tried again, and what is " +
        "registered goes on")]
    private partial void LogTickFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another activation of the directory wrote its state: taking over what it wrote")]
    private partial void LogOtherDirectory(Exception exception);
}

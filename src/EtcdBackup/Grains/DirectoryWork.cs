using EtcdBackup.Clusters;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace EtcdBackup.Grains;

/// <summary>
/// Saves what a <see cref="ClusterRegister"/> decided, and then carries it out. A crash in between leaves work to do, never a
/// cluster that nobody lists.
/// </summary>
/// <param name="register">Decides what to do.</param>
/// <param name="state">The saved state.</param>
/// <param name="grainOf">Returns the grain of a cluster.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs what was done, and what could not be.</param>
internal sealed partial class DirectoryWork(
    ClusterRegister register,
    IPersistentState<ClusterDirectoryState> state,
    Func<ClusterKey, IBackupGrain> grainOf,
    TimeProvider time,
    ILogger logger)
{
    private const int AtOnce = 64;
    private static readonly TimeSpan SavePatience = TimeSpan.FromSeconds(30);

    // At most one task for each cluster, so that its acts run in order.
    private readonly Dictionary<ClusterKey, Task> _working = [];
    private Task _saving = Task.CompletedTask;
    private int _saved = register.Version;
    private string? _tickProblem;

    private DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Does what is due now.</summary>
    /// <exception cref="InconsistentStateException">Another activation of the directory wrote the state: this one has to end.</exception>
    public async Task TickAsync()
    {
        try
        {
            var work = register.Tick(Now);
            await SaveAsync();

            // Removals may take long, and the next tick must not wait for them.
            foreach (var act in work.Acts.Where(a => a is not RegisterAct.Configure))
            {
                WorkAsync(act.Key).Ignore();
            }

            await WorkAsync(work.Acts.OfType<RegisterAct.Configure>(), []);
            _tickProblem = null;
        }
        catch (Exception e) when (e is not InconsistentStateException)
        {
            if (_tickProblem != e.Message)
            {
                LogTickFailed(e);
            }

            _tickProblem = e.Message;
        }
    }

    /// <summary>Saves the decisions, and applies the specs. The ticks do the rest.</summary>
    public async Task CarryOutAsync(RegisterWork work)
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

    // A failure of one cluster does not delay others. Not Parallel.ForEachAsync: that would leave the grain's scheduler.
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
            // The running task looks for the next act when it is done with the present one.
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

            while (register.NextAct(key, Now) is { } act)
            {
                await DoAsync(act);
            }
        }
        finally
        {
            _working.Remove(key);
        }
    }

    /// <summary>Saves what has changed.</summary>
    // A reentrant grain could write twice at once, and the second write would carry the first one's etag.
    public Task SaveAsync() => _saved == register.Version && _saving.IsCompleted ? Task.CompletedTask : _saving = SaveAfterAsync(_saving);

    private async Task SaveAfterAsync(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var version = register.Version;
        if (_saved != version)
        {
            state.State = ClusterDirectoryState.Of(register);
            await state.WriteStateAsync().WaitAsync(SavePatience, time);
            _saved = version;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: no source named it for {Grace}: it is no longer backed up. Name it " +
        "again to undo that")]
    private partial void LogUnregistered(ClusterKey cluster, TimeSpan grace);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: it was unregistered {Grace} ago and has autoDelete: its backups " +
        "are deleted now")]
    private partial void LogDeleting(ClusterKey cluster, TimeSpan grace);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Cluster}: {Act} failed; it is tried again, less and less often")]
    private partial void LogNotDone(ClusterKey cluster, string act, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The list of clusters could not be saved; it is tried again, and registered " +
        "clusters are still backed up")]
    private partial void LogTickFailed(Exception exception);
}

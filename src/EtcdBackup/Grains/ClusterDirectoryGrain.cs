using EtcdBackup.Clusters;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Grains;

/// <summary>The list of clusters, kept so that one removed while the service was down is removed all the same.</summary>
[KeepAlive]
internal sealed partial class ClusterDirectoryGrain(
    [PersistentState("directory", GrainStorage.Name)] IPersistentState<ClusterDirectoryState> state,
    ILogger<ClusterDirectoryGrain> logger) : Grain, IClusterDirectoryGrain
{
    private const int FirstBackupsPerSecond = 40;
    private const int AtOnce = 64;

    private IReadOnlyList<ClusterKey> _keys = [];

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Index();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ClusterKey>> ReconcileAsync(string source, IReadOnlyList<ClusterSpec> desired)
    {
        var failures = new List<Exception>();
        var (held, added) = await PutAsync(source, desired, failures);
        var wanted = desired.Select(s => s.Key.ToString()).ToHashSet(StringComparer.Ordinal);
        var unwanted = state.State.Sources.Where(s => s.Value == source && !wanted.Contains(s.Key)).Select(s => s.Key).ToList();
        await ForEachAsync(
            unwanted,
            async key =>
            {
                await GrainFactory.GetGrain<IBackupGrain>(key).RemoveAsync(false);
                state.State.Sources.Remove(key);
            },
            failures);
        if (unwanted.Count > 0)
        {
            await state.WriteStateAsync();
            Index();
        }

        LogReconciled(source, desired.Count - held.Count, added, unwanted.Count);
        Throw(failures);
        return [.. held.Select(h => h.Key)];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HeldCluster>> PutAsync(string source, IReadOnlyList<ClusterSpec> specs)
    {
        var failures = new List<Exception>();
        var (held, _) = await PutAsync(source, specs, failures);
        Throw(failures);
        return held;
    }

    /// <inheritdoc/>
    public async Task ForgetAsync(string source, ClusterKey key)
    {
        if (state.State.Sources.GetValueOrDefault(key.ToString()) == source)
        {
            state.State.Sources.Remove(key.ToString());
            await state.WriteStateAsync();
            Index();
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClusterKey>> ListOfAsync(string source) =>
        Task.FromResult<IReadOnlyList<ClusterKey>>([.. state.State.Sources.Where(s => s.Value == source).Select(s => ClusterKey.Parse(s.Key))]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClusterKey>> ListAsync() => Task.FromResult(_keys);

    /// <inheritdoc/>
    public Task<string?> HolderOfAsync(ClusterKey key) => Task.FromResult(state.State.Sources.GetValueOrDefault(key.ToString()));

    /// <inheritdoc/>
    public Task<ClusterSpec?> CheckInAsync(ClusterKey key, ClusterSpec? spec, string source) => Task.FromResult(spec);

    /// <inheritdoc/>
    public Task<HostAnswer> ResolveHostAsync(string? host) => Task.FromResult(HostResolver.Resolve(host, _keys) switch
    {
        HostResolution.Found found => new HostAnswer(found.Key, [], false, _keys.Count),
        HostResolution.Ambiguous ambiguous => new HostAnswer(null, ambiguous.Candidates, false, _keys.Count),
        HostResolution.Malformed => new HostAnswer(null, [], true, _keys.Count),
        _ => new HostAnswer(null, [], false, _keys.Count),
    });

    private async Task<(IReadOnlyList<HeldCluster> Held, int Added)> PutAsync(string source, IReadOnlyList<ClusterSpec> specs, List<Exception> failures)
    {
        var sources = state.State.Sources;
        var held = specs.Select(s => new HeldCluster(s.Key, sources.GetValueOrDefault(s.Key.ToString(), source))).Where(h => h.Source != source).ToList();
        var foreign = held.Select(h => h.Key).ToHashSet();
        var mine = specs.Where(s => !foreign.Contains(s.Key)).ToList();

        // Noted before their grains know of them and forgotten after: a crash in between leaves work to do, never a cluster that nobody lists.
        var added = mine.Count(s => sources.TryAdd(s.Key.ToString(), source));
        if (added > 0)
        {
            await state.WriteStateAsync();
            Index();
        }

        var within = TimeSpan.FromSeconds((double)added / FirstBackupsPerSecond);
        await ForEachAsync(mine, spec => GrainFactory.GetGrain<IBackupGrain>(spec.Key.ToString()).ConfigureAsync(spec, source, within), failures);
        return (held, added);
    }

    private static void Throw(List<Exception> failures)
    {
        if (failures.Count > 0)
        {
            throw failures.Count == 1 ? failures[0] : new AggregateException($"{failures.Count} clusters could not be registered or removed", failures);
        }
    }

    // One cluster's failure holds up no other. Not Parallel.ForEachAsync: that would leave the grain's scheduler.
    private static async Task ForEachAsync<T>(IEnumerable<T> items, Func<T, Task> action, List<Exception> failures)
    {
        foreach (var chunk in items.Chunk(AtOnce))
        {
            var tasks = chunk.Select(action).ToArray();
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            failures.AddRange(tasks.Where(t => t.IsFaulted).Select(t => t.Exception!.InnerException!));
        }
    }

    private void Index() => _keys = [.. state.State.Sources.Keys.Order(StringComparer.Ordinal).Select(ClusterKey.Parse)];

    [LoggerMessage(Level = LogLevel.Information, Message = "Source {Source} names {Count} clusters: {Added} new, {Removed} removed")]
    private partial void LogReconciled(string source, int count, int added, int removed);
}

/// <summary>What the directory keeps.</summary>
public sealed record ClusterDirectoryState
{
    /// <summary>Version of this shape.</summary>
    public int Format { get; set; } = 1;

    /// <summary>Each registered cluster (<c>namespace/name</c>) and the source that asked for it.</summary>
    public Dictionary<string, string> Sources { get; set; } = [];
}

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
        var sources = state.State.Sources;
        var foreign = desired.Select(s => s.Key).Where(k => sources.TryGetValue(k.ToString(), out var holder) && holder != source).ToHashSet();
        var mine = desired.Where(s => !foreign.Contains(s.Key)).ToList();
        var wanted = mine.Select(s => s.Key.ToString()).ToHashSet(StringComparer.Ordinal);
        var unwanted = sources.Where(s => s.Value == source && !wanted.Contains(s.Key)).Select(s => s.Key).ToList();

        // Noted before their grains know of them and forgotten after: a crash in between leaves work to do, never a cluster that nobody lists.
        var added = mine.Where(s => sources.TryAdd(s.Key.ToString(), source)).ToList();
        if (added.Count > 0)
        {
            await state.WriteStateAsync();
        }

        Index();
        var failures = new List<Exception>();
        var within = TimeSpan.FromSeconds((double)added.Count / FirstBackupsPerSecond);
        await ForEachAsync(mine, spec => GrainFactory.GetGrain<IBackupGrain>(spec.Key.ToString()).ConfigureAsync(spec, within), failures);
        await ForEachAsync(
            unwanted,
            async key =>
            {
                await GrainFactory.GetGrain<IBackupGrain>(key).RemoveAsync();
                sources.Remove(key);
            },
            failures);
        if (unwanted.Count > 0)
        {
            await state.WriteStateAsync();
            Index();
        }

        LogReconciled(source, mine.Count, added.Count, unwanted.Count);
        return failures.Count == 0 ? [.. foreign] : throw new AggregateException($"{failures.Count} clusters could not be reconciled", failures);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClusterKey>> ListAsync() => Task.FromResult(_keys);

    /// <inheritdoc/>
    public Task<bool> ContainsAsync(ClusterKey key) => Task.FromResult(state.State.Sources.ContainsKey(key.ToString()));

    /// <inheritdoc/>
    public Task<HostAnswer> ResolveHostAsync(string? host) => Task.FromResult(HostResolver.Resolve(host, _keys) switch
    {
        HostResolution.Found found => new HostAnswer(found.Key, [], false, _keys.Count),
        HostResolution.Ambiguous ambiguous => new HostAnswer(null, ambiguous.Candidates, false, _keys.Count),
        HostResolution.Malformed => new HostAnswer(null, [], true, _keys.Count),
        _ => new HostAnswer(null, [], false, _keys.Count),
    });

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

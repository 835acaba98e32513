using System.Collections.Concurrent;
using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>The facts of the clusters that this silo serves, each as its grain told them last.</summary>
internal sealed class ClusterBoard
{
    private readonly ConcurrentDictionary<ClusterKey, ClusterFacts> _facts = [];
    private long _version;

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<ClusterFacts> All => _facts.Select(f => f.Value);

    /// <summary>How many there are.</summary>
    public int Count => _facts.Count;

    /// <summary>Another number after each change.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Tells the facts of a cluster.</summary>
    public void Set(ClusterFacts facts)
    {
        _facts[facts.Summary.Key] = facts;
        Interlocked.Increment(ref _version);
    }

    /// <summary>This silo serves the cluster no longer.</summary>
    public void Remove(ClusterKey cluster)
    {
        _facts.TryRemove(cluster, out _);
        Interlocked.Increment(ref _version);
    }
}

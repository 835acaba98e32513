using System.Collections.Concurrent;
using EtcdBackup.Clusters;

namespace EtcdBackup.ChangeLog;

/// <summary>The change logs that this silo writes.</summary>
internal sealed class ChangeLogs
{
    private readonly ConcurrentDictionary<ClusterKey, LogKeeper> _keepers = [];

    /// <summary>All of them.</summary>
    public IEnumerable<LogKeeper> All => _keepers.Select(k => k.Value);

    /// <summary>The one of a cluster; null if there is none.</summary>
    public LogKeeper? Find(ClusterKey cluster) => _keepers.GetValueOrDefault(cluster);

    /// <summary>Begins to write one.</summary>
    public void Add(LogKeeper keeper) => _keepers[keeper.Cluster] = keeper;

    /// <summary>Ends one.</summary>
    public void Remove(LogKeeper keeper) => _keepers.TryRemove(KeyValuePair.Create(keeper.Cluster, keeper));
}

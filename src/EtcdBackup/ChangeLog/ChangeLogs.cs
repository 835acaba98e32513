using System.Collections.Concurrent;
using EtcdBackup.Clusters;

namespace EtcdBackup.ChangeLog;

/// <summary>The change logs that this silo writes: those of the clusters that it serves, if their specs want one.</summary>
/// <param name="services">What all share.</param>
internal sealed class ChangeLogs(LogServices services)
{
    private readonly ConcurrentDictionary<ClusterKey, LogKeeper> _keepers = [];
    private readonly Dictionary<ClusterKey, DateTimeOffset?> _told = [];

    /// <summary>All of them.</summary>
    public IEnumerable<LogKeeper> All => _keepers.Select(k => k.Value);

    /// <summary>The one of a cluster; null if there is none.</summary>
    public LogKeeper? Find(ClusterKey cluster) => _keepers.GetValueOrDefault(cluster);

    /// <summary>Follows what the silo serves: begins logs, ends them, and tells them of new backups.</summary>
    /// <param name="served">The specs of the clusters, and when the latest backup of each was taken; null if there is none.</param>
    /// <param name="host">Who takes the backups.</param>
    public async Task FollowAsync(
        IEnumerable<(ClusterSpec Spec, DateTimeOffset? LatestAt)> served, ILogHost host)
    {
        var wanted = served.Where(s => s.Spec.Backup.Log is { Enabled: true }).ToDictionary(s => s.Spec.Key);
        await Task.WhenAll(All.Where(k => wanted.GetValueOrDefault(k.Cluster).Spec != k.Spec).ToArray().Select(EndAsync));
        foreach (var (cluster, (spec, latestAt)) in wanted)
        {
            if (Find(cluster) is not { } keeper)
            {
                _keepers[cluster] = keeper = new LogKeeper(spec, services, host);
            }

            if (_told.GetValueOrDefault(cluster) != latestAt)
            {
                keeper.Tell();
            }

            _told[cluster] = latestAt;
        }
    }

    /// <summary>Ends all; what came so far is stored.</summary>
    public Task EndAsync() => Task.WhenAll(All.Select(EndAsync));

    private async Task EndAsync(LogKeeper keeper)
    {
        _keepers.TryRemove(keeper.Cluster, out _);
        _told.Remove(keeper.Cluster);
        await keeper.DisposeAsync();
    }
}

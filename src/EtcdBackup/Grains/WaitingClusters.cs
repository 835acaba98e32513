using System.Collections.Concurrent;
using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>Clusters of this silo to which something happened, until that is passed on. Adding one returns at once.</summary>
public sealed class WaitingClusters
{
    private readonly ConcurrentDictionary<ClusterKey, bool> _waiting = new();

    /// <summary>Something happened to a cluster.</summary>
    public void Add(ClusterKey cluster) => _waiting[cluster] = true;

    /// <summary>Passes on the waiting clusters; if <paramref name="tell"/> fails they wait for the next time.</summary>
    public async Task TellAsync(Func<IReadOnlyList<ClusterKey>, Task> tell)
    {
        ClusterKey[] waiting = [.. _waiting.Keys.Where(c => _waiting.TryRemove(c, out _))];
        if (waiting.Length == 0)
        {
            return;
        }

        try
        {
            await tell(waiting);
        }
        catch
        {
            Array.ForEach(waiting, Add);
            throw;
        }
    }
}

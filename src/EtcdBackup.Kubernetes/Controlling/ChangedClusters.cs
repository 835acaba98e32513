using System.Collections.Concurrent;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Kubernetes.Controlling;

/// <summary>The clusters of this silo whose status changed, until they are passed to the controller.</summary>
internal sealed class ChangedClusters : IRunListener
{
    private readonly ConcurrentDictionary<ClusterKey, bool> _waiting = new();

    /// <inheritdoc/>
    public void Changed(ClusterKey cluster) => _waiting[cluster] = true;

    /// <summary>Passes on the waiting clusters; those for which <paramref name="tell"/> fails wait for the next time.</summary>
    public async Task TellAsync(Func<IReadOnlyList<ClusterKey>, Task> tell)
    {
        ClusterKey[] waiting = [.. _waiting.Keys];
        foreach (var cluster in waiting)
        {
            _waiting.TryRemove(cluster, out _);
        }

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
            Array.ForEach(waiting, Changed);
            throw;
        }
    }
}

using System.Collections.Concurrent;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Notifying;

/// <summary>The clusters of this silo to which something happened, until that is passed to the notifier.</summary>
internal sealed class NotedClusters : IRunListener
{
    private readonly ConcurrentDictionary<ClusterKey, bool> _waiting = new();

    /// <inheritdoc/>
    public void Changed(ClusterKey cluster) => _waiting[cluster] = true;

    /// <inheritdoc/>
    // Also one that found nothing new: it may have found an alarm.
    public void Ended(ClusterKey cluster, RunOutcome outcome) => _waiting[cluster] = true;

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
            Array.ForEach(waiting, Changed);
            throw;
        }
    }
}

using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Notifying;

/// <summary>The clusters of this silo to which something happened, until that is passed to the notifier.</summary>
internal sealed class NotedClusters : IRunListener
{
    /// <summary>They.</summary>
    public WaitingClusters Waiting { get; } = new();

    /// <inheritdoc/>
    public void Changed(ClusterKey cluster) => Waiting.Add(cluster);

    /// <inheritdoc/>
    // Also one that found nothing new: it may have found an alarm.
    public void Ended(ClusterKey cluster, RunOutcome outcome) => Waiting.Add(cluster);
}

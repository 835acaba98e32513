using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Kubernetes.Controlling;

/// <summary>The clusters of this silo whose status changed, until they are passed to the controller.</summary>
internal sealed class ChangedClusters : IRunListener
{
    /// <summary>They.</summary>
    public WaitingClusters Waiting { get; } = new();

    /// <inheritdoc/>
    public void Changed(ClusterKey cluster) => Waiting.Add(cluster);
}

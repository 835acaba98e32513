using EtcdBackup.Clusters;

namespace EtcdBackup.Etcd;

/// <summary>Opens the connections to clusters.</summary>
internal interface IEtcdConnections
{
    /// <summary>Prepares the connections to a cluster's members; nothing is sent yet.</summary>
    /// <exception cref="EtcdUnavailableException">A certificate, key or password cannot be used; the message names it.</exception>
    Task<IEtcdCluster> OpenAsync(ClusterSpec spec, CancellationToken cancellationToken);
}

using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Notifying;

/// <summary>Where the notifier learns of clusters: the grains, or a test.</summary>
internal interface IClusterSource
{
    /// <summary>All registered clusters.</summary>
    Task<IReadOnlyList<ClusterKey>> ListAsync();

    /// <summary>Asks a cluster how it is.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="withStatus">Whether what its store holds is asked too; if that is not known, the summary comes alone.</param>
    Task<(ClusterSummary Summary, ClusterStatus? Status)> AskAsync(ClusterKey cluster, bool withStatus);
}

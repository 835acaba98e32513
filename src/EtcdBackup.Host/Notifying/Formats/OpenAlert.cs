using EtcdBackup.Clusters;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying.Formats;

/// <summary>An open problem of a cluster.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Problem">The problem.</param>
internal sealed record OpenAlert(ClusterKey Cluster, OpenProblem Problem);

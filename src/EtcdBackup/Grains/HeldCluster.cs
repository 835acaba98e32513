using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>A cluster that another source holds.</summary>
/// <param name="Key">Which cluster.</param>
/// <param name="Source">Who holds it.</param>
public sealed record HeldCluster(ClusterKey Key, string Source);

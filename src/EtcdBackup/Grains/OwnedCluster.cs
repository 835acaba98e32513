using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>A cluster that another source holds.</summary>
/// <param name="Key">Which cluster.</param>
/// <param name="Source">Who holds it.</param>
public sealed record OwnedCluster(ClusterKey Key, string Source);

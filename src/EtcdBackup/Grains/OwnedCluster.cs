using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>A cluster that another source owns.</summary>
/// <param name="Key">The cluster.</param>
/// <param name="Source">The source that owns it.</param>
public sealed record OwnedCluster(ClusterKey Key, string Source);

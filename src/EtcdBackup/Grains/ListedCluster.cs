using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>A cluster that the directory knows.</summary>
/// <param name="Key">Which cluster.</param>
/// <param name="IsRegistered">Whether it is backed up.</param>
/// <param name="MissingSince">Since when no source names it; null while one does.</param>
/// <param name="UnregisteredAt">When it was, or will be, unregistered.</param>
/// <param name="BackupsDeletedAt">When its backups were, or will be, deleted; null when they stay.</param>
public sealed record ListedCluster(ClusterKey Key, bool IsRegistered, DateTimeOffset? MissingSince, DateTimeOffset? UnregisteredAt,
    DateTimeOffset? BackupsDeletedAt);

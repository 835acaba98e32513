namespace EtcdBackup.Catalog;

/// <summary>A look at a cluster: its position, and in which lineage.</summary>
/// <param name="Position">The position.</param>
/// <param name="Lineage">The lineage that this position belongs to.</param>
internal sealed record ClusterLook(ClusterPosition Position, Lineage Lineage);

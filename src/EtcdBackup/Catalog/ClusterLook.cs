namespace EtcdBackup.Catalog;

/// <summary>A look at a cluster: where it stood, and in which lineage.</summary>
/// <param name="Position">Where it stood.</param>
/// <param name="Lineage">The lineage that this position belongs to.</param>
internal sealed record ClusterLook(ClusterPosition Position, Lineage Lineage);

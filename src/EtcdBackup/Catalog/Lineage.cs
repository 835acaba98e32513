namespace EtcdBackup.Catalog;

/// <summary>
/// One continuous history of a cluster. A restore from a backup, in place or into new members, starts the next one:
/// its revisions may repeat earlier ones with other content.
/// </summary>
/// <param name="ClusterId">etcd's cluster id, 16 hex digits.</param>
/// <param name="Incarnation">The number of the lineage, counted from 1. Backups of the original service count as 0.</param>
/// <param name="Tag">Part of the names of its backups; empty for the first lineage, then random, so that names of two lineages never
/// collide.</param>
/// <param name="Since">When it was first seen, UTC; null in metadata of older builds.</param>
public sealed record Lineage(string ClusterId, int Incarnation, string Tag, DateTimeOffset? Since = null)
{
    /// <summary>A tag for a lineage or a name: eight hex digits.</summary>
    public static string NewTag(Random random) => random.NextInt64(1L << 32).ToString("x8", null);
}

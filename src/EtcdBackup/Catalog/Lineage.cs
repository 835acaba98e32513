namespace EtcdBackup.Catalog;

/// <summary>
/// One continuous history of a cluster. A restore from a backup, in place or into new members, starts the next one:
/// its revisions may repeat earlier ones with other content.
/// </summary>
/// <param name="ClusterId">etcd's cluster id, 16 hex digits.</param>
/// <param name="Incarnation">Counts the lineages that were seen, from 1. Backups of the original service count as 0.</param>
/// <param name="Tag">Goes into the names of its backups; empty for the first, random after, so that names of two lineages never
/// collide.</param>
/// <param name="Since">When it was first seen, UTC; null in metadata of older builds.</param>
public sealed record Lineage(string ClusterId, int Incarnation, string Tag, DateTimeOffset? Since = null)
{
    /// <summary>A tag for a lineage or a name: eight hex digits.</summary>
    public static string NewTag(Random random) => random.NextInt64(1L << 32).ToString("x8", null);
}

/// <summary>A look at a cluster: where it stood, and in which lineage.</summary>
/// <param name="Position">Where it stood.</param>
/// <param name="Lineage">The lineage that this position belongs to.</param>
public sealed record ClusterLook(ClusterPosition Position, Lineage Lineage);

/// <summary>What became of a cluster since it was last looked at.</summary>
public enum Progress
{
    /// <summary>Same lineage, same revision.</summary>
    Unchanged,

    /// <summary>Same lineage, new revisions; or the first look.</summary>
    Advanced,

    /// <summary>
    /// Revision, term or index fell: another lineage under the same cluster id, or only lagging members answered. A linearizable read
    /// tells.
    /// </summary>
    WentBack,

    /// <summary>Another lineage for sure.</summary>
    OtherLineage,
}

namespace EtcdBackup.Clusters;

/// <summary>Something that a <see cref="ClusterRegister"/> wants done with one cluster.</summary>
/// <param name="Key">Which.</param>
public abstract record RegisterAct(ClusterKey Key)
{
    /// <summary>Tell its grain the spec.</summary>
    /// <param name="Spec">The spec.</param>
    /// <param name="Source">Who asked for it.</param>
    /// <param name="Within">A new cluster's first backup begins within this time.</param>
    public sealed record Configure(ClusterSpec Spec, string Source, TimeSpan Within) : RegisterAct(Spec.Key);

    /// <summary>End its backups; those taken stay.</summary>
    public sealed record Unregister(ClusterKey Key) : RegisterAct(Key);

    /// <summary>Delete the backups that it had.</summary>
    /// <param name="Spec">The spec that it had.</param>
    public sealed record DeleteBackups(ClusterSpec Spec) : RegisterAct(Spec.Key);
}

/// <summary>What a <see cref="ClusterRegister"/> wants done, ordered by name.</summary>
/// <param name="Acts">What to do, at most one thing for each cluster.</param>
/// <param name="Held">Clusters of the report that another source holds, and that were left alone.</param>
public sealed record RegisterWork(IReadOnlyList<RegisterAct> Acts, IReadOnlyList<ClusterEntry> Held)
{
    /// <summary>The specs to tell to grains.</summary>
    public IEnumerable<ClusterSpec> ToConfigure => Acts.OfType<RegisterAct.Configure>().Select(a => a.Spec);

    /// <summary>The clusters to unregister; their backups stay.</summary>
    public IEnumerable<ClusterKey> ToUnregister => Acts.OfType<RegisterAct.Unregister>().Select(a => a.Key);

    /// <summary>The specs whose backups to delete.</summary>
    public IEnumerable<ClusterSpec> ToDelete => Acts.OfType<RegisterAct.DeleteBackups>().Select(a => a.Spec);
}

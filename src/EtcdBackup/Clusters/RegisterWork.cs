namespace EtcdBackup.Clusters;

/// <summary>What a <see cref="ClusterRegister"/> wants done, ordered by name.</summary>
/// <param name="Acts">What to do, at most one act for each cluster.</param>
/// <param name="Owned">Clusters of the report that another source owns; they were left alone.</param>
internal sealed record RegisterWork(IReadOnlyList<RegisterAct> Acts, IReadOnlyList<ClusterEntry> Owned)
{
    /// <summary>The specs to apply to grains.</summary>
    public IEnumerable<ClusterSpec> ToConfigure => Acts.OfType<RegisterAct.Configure>().Select(a => a.Spec);

    /// <summary>The clusters to unregister; their backups stay.</summary>
    public IEnumerable<ClusterKey> ToUnregister => Acts.OfType<RegisterAct.Unregister>().Select(a => a.Key);

    /// <summary>The specs whose backups to delete.</summary>
    public IEnumerable<ClusterSpec> ToDelete => Acts.OfType<RegisterAct.DeleteBackups>().Select(a => a.Spec);
}

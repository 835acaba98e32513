namespace EtcdBackup.Clusters;

/// <summary>Something that a <see cref="ClusterRegister"/> wants done with one cluster.</summary>
/// <param name="Key">Which.</param>
internal abstract record RegisterAct(ClusterKey Key)
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

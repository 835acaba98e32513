namespace EtcdBackup.Clusters;

/// <summary>Something that a <see cref="ClusterRegister"/> wants done with one cluster.</summary>
/// <param name="Key">The cluster.</param>
internal abstract record RegisterAct(ClusterKey Key)
{
    /// <summary>Apply the spec to its grain.</summary>
    /// <param name="Spec">The spec.</param>
    /// <param name="Source">The source that owns it.</param>
    /// <param name="Within">A new cluster's first backup begins within this time.</param>
    public sealed record Configure(ClusterSpec Spec, string Source, TimeSpan Within) : RegisterAct(Spec.Key);

    /// <summary>Back it up no longer; its backups stay.</summary>
    public sealed record Unregister(ClusterKey Key) : RegisterAct(Key);

    /// <summary>Delete its backups.</summary>
    /// <param name="Spec">The spec that it had.</param>
    public sealed record DeleteBackups(ClusterSpec Spec) : RegisterAct(Spec.Key);
}

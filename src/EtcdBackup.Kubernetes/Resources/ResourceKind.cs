namespace EtcdBackup.Kubernetes.Resources;

/// <summary>A kind of resource that asks for backups.</summary>
/// <param name="Group">Its API group.</param>
/// <param name="Version">Its version in the group.</param>
/// <param name="Plural">Its name in paths.</param>
/// <param name="Name">Its kind.</param>
/// <param name="StatusPath">Where in <c>status</c> we write; empty: all of it is ours.</param>
internal sealed record ResourceKind(string Group, string Version, string Plural, string Name, string StatusPath)
{
    /// <summary>The resource of the old etcd-operator. Its status is the operator's, except for this field.</summary>
    public static readonly ResourceKind EtcdCluster = new(
        "etcd.database.coreos.com", "v1beta2", "etcdclusters", "EtcdCluster", "backupServiceStatus");

    /// <summary>Our own resource, for any etcd, whoever runs it.</summary>
    public static readonly ResourceKind Policy = new("etcdbackup.dev", "v1", "etcdbackuppolicies", "EtcdBackupPolicy", "");

    /// <summary>Both.</summary>
    public static readonly IReadOnlyList<ResourceKind> All = [EtcdCluster, Policy];

    /// <summary>Group and version.</summary>
    public string ApiVersion => $"{Group}/{Version}";

    /// <summary>The name of this kind as a source in the directory of clusters.</summary>
    public string Source => $"{Plural}.{Group}";

    /// <inheritdoc/>
    public override string ToString() => Name;
}

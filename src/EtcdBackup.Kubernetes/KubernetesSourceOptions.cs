namespace EtcdBackup.Kubernetes;

/// <summary>How clusters are found in Kubernetes.</summary>
public sealed record KubernetesSourceOptions
{
    /// <summary>Namespaces to look in; none: all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>The DNS name that each <c>CLUSTER-backup-sidecar</c> leads to: that of this deployment's own service.</summary>
    public string ServiceTarget { get; init; } = "";

    /// <summary>A kubeconfig; empty: the pod's service account.</summary>
    public string KubeConfigFile { get; init; } = "";

    /// <summary>Mounted secrets, as <c>DIRECTORY/NAMESPACE/SECRET</c>; they take precedence over those of the API. Empty: none.</summary>
    public string SecretsDirectory { get; init; } = "";

    /// <summary>Whether all silos see the same directory of backups; only then may resources ask for <c>PersistentVolume</c>.</summary>
    public bool IsVolumeShared { get; init; } = true;
}

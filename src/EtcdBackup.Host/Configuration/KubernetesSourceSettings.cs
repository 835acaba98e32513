namespace EtcdBackup.Host.Configuration;

/// <summary>Clusters that resources of Kubernetes ask for.</summary>
internal sealed class KubernetesSourceSettings
{
    /// <summary>Back up what <c>EtcdCluster</c> and <c>EtcdBackupPolicy</c> resources ask for, and read secrets from the API.</summary>
    public bool Enabled { get; set; }

    /// <summary>Namespaces to look in; none: all.</summary>
    public IReadOnlyList<string> Namespaces { get; set; } = [];

    /// <summary>DNS name of this deployment's service, that each <c>CLUSTER-backup-sidecar</c> leads to.</summary>
    public string ServiceTarget { get; set; } = "etcd-backup.etcd-backup.svc.cluster.local";

    /// <summary>A kubeconfig; empty: the pod's service account.</summary>
    public string KubeConfigFile { get; set; } = "";
}

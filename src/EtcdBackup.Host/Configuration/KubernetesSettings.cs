namespace EtcdBackup.Host.Configuration;

/// <summary>How the Kubernetes API is reached.</summary>
internal sealed class KubernetesSettings
{
    /// <summary>Namespace of the membership object; empty: the pod's own.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>A kubeconfig; empty: the pod's service account.</summary>
    public string KubeConfigFile { get; set; } = "";

    /// <summary>
    /// Declare a silo dead as soon as its pod is deleted, and name silos after their pods (environment: POD_NAME, POD_NAMESPACE).
    /// </summary>
    public bool WatchPods { get; set; }
}

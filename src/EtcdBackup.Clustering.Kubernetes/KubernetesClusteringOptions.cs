namespace EtcdBackup.Clustering.Kubernetes;

/// <summary>Where the membership object is.</summary>
public sealed record KubernetesClusteringOptions
{
    /// <summary>Its namespace; empty: the pod's own, or the kubeconfig's.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>A kubeconfig; empty: the pod's service account.</summary>
    public string KubeConfigFile { get; init; } = "";
}

using System.Net;
using EtcdBackup.Clusters;

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

    /// <summary>
    /// Networks (CIDR) that resources may lead the service to, for etcd and for stores, and no others; none: anywhere but to the service's
    /// own machine, its links and its cloud.
    /// </summary>
    public IReadOnlyList<string> AllowedAddresses { get; set; } = [];

    /// <summary>
    /// Buckets that resources without a secret may use with the service's own cloud identity: <c>s3://BUCKET</c>, or
    /// <c>ENDPOINT/BUCKET</c>; none: no bucket.
    /// </summary>
    public IReadOnlyList<string> OwnIdentityFor { get; set; } = [];

    /// <summary>What resources may make the service do.</summary>
    public ResourceLimits ToLimits() =>
        new()
        {
            AllowedAddresses = [.. AllowedAddresses.Select(a => IPNetwork.Parse(a))],
            OwnIdentityFor = [.. OwnIdentityFor.Select(t => t.TrimEnd('/'))],
        };
}

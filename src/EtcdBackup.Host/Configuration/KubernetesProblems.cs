using System.Net;
using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Configuration;

/// <summary>What is wrong with the settings of resources.</summary>
internal static class KubernetesProblems
{
    /// <summary>All problems, in words that say what to do.</summary>
    public static IEnumerable<string> Of(KubernetesSourceSettings kubernetes)
    {
        foreach (var name in kubernetes.Namespaces.Where(n => !ClusterKey.IsLabel(n)))
        {
            yield return $"Kubernetes:Namespaces has '{name}': allowed are {ClusterKey.LabelRule}";
        }

        foreach (var network in kubernetes.AllowedAddresses.Where(a => !IPNetwork.TryParse(a, out _)))
        {
            yield return $"Kubernetes:AllowedAddresses has '{network}': write networks, such as 10.0.0.0/8 or fd00::/8";
        }

        foreach (var target in kubernetes.OwnIdentityFor.Where(t => !IsTarget(t)))
        {
            yield return $"Kubernetes:OwnIdentityFor has '{target}': write s3://BUCKET for one of Amazon, else https://HOST/BUCKET";
        }

        if (kubernetes.Enabled && Uri.CheckHostName(kubernetes.ServiceTarget) != UriHostNameType.Dns)
        {
            yield return $"Kubernetes:ServiceTarget is '{kubernetes.ServiceTarget}': write the DNS name of this deployment's " +
                "service, e.g. etcd-backup.etcd-backup.svc.cluster.local";
        }
    }

    private static bool IsTarget(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var target) && target.Scheme is "s3" or "http" or "https" &&
        (target.Scheme == "s3" ? target.Host != "" && target.AbsolutePath is "" or "/" : target.AbsolutePath.Length > 1);
}

using EtcdBackup.Clusters;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Resources;

/// <summary>The Service that makes <c>http://CLUSTER-backup-sidecar:19999</c> lead to us.</summary>
internal static class ServiceNames
{
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string Us = "etcd-backup";

    private const int Port = 19999;

    /// <summary>
    /// The service of a resource: an ExternalName of our own service, in any namespace. The Host header then names the cluster.
    /// </summary>
    public static V1Service For(BackedUpResource resource, string target) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = new V1ObjectMeta
        {
            Name = resource.Key.Name + HostResolver.ServiceSuffix,
            NamespaceProperty = resource.Key.Namespace,
            Labels = new Dictionary<string, string> { [ManagedBy] = Us, ["etcd_cluster"] = resource.Key.Name },
            OwnerReferences =
            [
                new V1OwnerReference { ApiVersion = resource.Key.Kind.ApiVersion, Kind = resource.Key.Kind.Name, Name = resource.Key.Name,
                    Uid = resource.Metadata.Uid, Controller = true },
            ],
        },
        Spec = new V1ServiceSpec
        {
            Type = "ExternalName",
            ExternalName = target,
            Ports = [new V1ServicePort { Name = "backup", Port = Port, Protocol = "TCP" }],
        },
    };

    /// <summary>Whether the existing service is as it should be.</summary>
    public static bool IsAsWanted(V1Service? there, V1Service wanted) =>
        there?.Spec is { Type: "ExternalName" } spec && spec.ExternalName == wanted.Spec.ExternalName &&
            spec.Ports?.Any(p => p.Port == Port && p.Protocol == "TCP") is true &&
        there.Metadata.OwnerReferences?.Any(o => o.Uid == wanted.Metadata.OwnerReferences[0].Uid) is true;

    /// <summary>Whether it belongs to this resource.</summary>
    public static bool IsOf(V1Service service, ResourceKey key) =>
        service.Metadata.OwnerReferences?.Any(
            o => o.Kind == key.Kind.Name && o.Name == key.Name &&
            o.ApiVersion.StartsWith(key.Kind.Group + "/", StringComparison.Ordinal)) is true;

    /// <summary>The cluster that a service of ours is for.</summary>
    public static ClusterKey? ClusterOf(V1Service service) =>
        service.Metadata.Name.EndsWith(HostResolver.ServiceSuffix, StringComparison.Ordinal) &&
        service.Metadata.Name[..^HostResolver.ServiceSuffix.Length] is var name &&
            ClusterKey.IsLabel(name)
            ? new ClusterKey(service.Metadata.NamespaceProperty, name)
            : null;
}

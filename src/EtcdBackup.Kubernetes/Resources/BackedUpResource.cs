using System.Text.Json;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Resources;

/// <summary>
/// A resource that asks for backups: what all kinds have in common. Its spec is read when it is needed, so that an invalid one does not
/// affect others.
/// </summary>
/// <param name="Key">The resource's name.</param>
/// <param name="Metadata">Its metadata.</param>
/// <param name="Spec">Its spec, as received.</param>
/// <param name="Status">Our part of its status.</param>
internal sealed record BackedUpResource(ResourceKey Key, V1ObjectMeta Metadata, JsonElement Spec, BackupResourceStatus? Status)
{
    /// <summary>Our finalizer, kept until the backups are deleted.</summary>
    public const string Finalizer = "etcdbackup.dev/auto-delete";

    /// <summary>Whether it is being deleted.</summary>
    public bool IsDeleting => Metadata.DeletionTimestamp is not null;

    /// <summary>Whether it has our finalizer.</summary>
    public bool HasFinalizer => Metadata.Finalizers?.Contains(Finalizer) is true;

    /// <summary>Whether it asks for backups at all: <c>spec.backup</c> is there.</summary>
    public bool IsEnabled =>
        Spec.ValueKind == JsonValueKind.Object && Spec.TryGetProperty("backup", out var backup) && backup.ValueKind != JsonValueKind.Null;

    /// <summary>Whether its backups are deleted with it.</summary>
    public bool IsAutoDelete =>
        IsEnabled && Spec.GetProperty("backup") is { ValueKind: JsonValueKind.Object } backup &&
        backup.TryGetProperty("autoDelete", out var auto) && auto.ValueKind == JsonValueKind.True;

    /// <summary>Reads what the API server sent.</summary>
    public static BackedUpResource Of(ResourceKind kind, JsonElement json)
    {
        var metadata = KubernetesJson.Deserialize<V1ObjectMeta>(json.GetProperty("metadata").GetRawText());
        var spec = json.TryGetProperty("spec", out var s) ? s : default;
        var status = json.TryGetProperty("status", out var all) && all.ValueKind == JsonValueKind.Object ? all : default;
        if (kind.StatusPath != "" && status.ValueKind == JsonValueKind.Object)
        {
            status = status.TryGetProperty(kind.StatusPath, out var ours) ? ours : default;
        }

        return new BackedUpResource(
            new ResourceKey(kind, metadata.NamespaceProperty, metadata.Name), metadata, spec, BackupResourceStatus.Read(status));
    }
}

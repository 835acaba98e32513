using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EtcdBackup.Kubernetes.Resources;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Watching;

/// <summary>Resources of one of our kinds.</summary>
/// <param name="client">The API server.</param>
/// <param name="kind">The kind.</param>
/// <param name="namespaceName">Its namespace; empty: all.</param>
internal sealed class ResourceSource(IKubernetes client, ResourceKind kind, string namespaceName) : IListWatch<BackedUpResource>
{
    private const int PageSize = 500;

    /// <inheritdoc/>
    public string What => $"{kind.Plural}.{kind.Group}{(namespaceName == "" ? "" : $" in namespace {namespaceName}")}";

    /// <inheritdoc/>
    public async Task<(IReadOnlyList<BackedUpResource> Items, string Version)> ListAsync(CancellationToken cancellationToken)
    {
        var items = new List<BackedUpResource>();
        string? next = null;
        while (true)
        {
            var page = (JsonElement)(namespaceName == ""
                ? await client.CustomObjects.ListCustomObjectForAllNamespacesAsync(kind.Group, kind.Version, kind.Plural, continueParameter: next, limit: PageSize, cancellationToken: cancellationToken)
                : await client.CustomObjects.ListNamespacedCustomObjectAsync(kind.Group, kind.Version, namespaceName, kind.Plural, continueParameter: next, limit: PageSize, cancellationToken: cancellationToken));
            items.AddRange(page.GetProperty("items").EnumerateArray().Select(i => BackedUpResource.Of(kind, i)));
            var metadata = page.GetProperty("metadata");
            next = metadata.TryGetProperty("continue", out var more) ? more.GetString() : null;
            if (string.IsNullOrEmpty(next))
            {
                return (items, metadata.GetProperty("resourceVersion").GetString()!);
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<(WatchEventType Type, BackedUpResource Item)> WatchAsync(string version, TimeSpan timeout, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var events = namespaceName == ""
            ? client.CustomObjects.WatchListCustomObjectForAllNamespacesAsync(kind.Group, kind.Version, kind.Plural, allowWatchBookmarks: true, resourceVersion: version, timeoutSeconds: (int)timeout.TotalSeconds, cancellationToken: cancellationToken)
            : client.CustomObjects.WatchListNamespacedCustomObjectAsync(kind.Group, kind.Version, namespaceName, kind.Plural, allowWatchBookmarks: true, resourceVersion: version, timeoutSeconds: (int)timeout.TotalSeconds, cancellationToken: cancellationToken);
        await foreach (var (type, item) in events.WithCancellation(cancellationToken))
        {
            yield return (type, BackedUpResource.Of(kind, (JsonElement)item));
        }
    }

    /// <inheritdoc/>
    public string KeyOf(BackedUpResource item) => $"{item.Key.Namespace}/{item.Key.Name}";

    /// <inheritdoc/>
    public string VersionOf(BackedUpResource item) => item.Metadata.ResourceVersion;
}

/// <summary>The members' pods of the clusters that the old etcd-operator made.</summary>
/// <param name="client">The API server.</param>
/// <param name="namespaceName">Their namespace; empty: all.</param>
internal sealed class PodSource(IKubernetes client, string namespaceName) : IListWatch<V1Pod>
{
    /// <summary>The operator's label, with the cluster's name.</summary>
    public const string ClusterLabel = "etcd_cluster";

    /// <inheritdoc/>
    public string What => $"pods with the label {ClusterLabel}{(namespaceName == "" ? "" : $" in namespace {namespaceName}")}";

    /// <inheritdoc/>
    public async Task<(IReadOnlyList<V1Pod> Items, string Version)> ListAsync(CancellationToken cancellationToken)
    {
        var list = namespaceName == ""
            ? await client.CoreV1.ListPodForAllNamespacesAsync(labelSelector: ClusterLabel, cancellationToken: cancellationToken)
            : await client.CoreV1.ListNamespacedPodAsync(namespaceName, labelSelector: ClusterLabel, cancellationToken: cancellationToken);
        return ([.. list.Items], list.Metadata.ResourceVersion);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<(WatchEventType Type, V1Pod Item)> WatchAsync(string version, TimeSpan timeout, CancellationToken cancellationToken) => namespaceName == ""
        ? client.CoreV1.WatchListPodForAllNamespacesAsync(allowWatchBookmarks: true, labelSelector: ClusterLabel, resourceVersion: version, timeoutSeconds: (int)timeout.TotalSeconds, cancellationToken: cancellationToken)
        : client.CoreV1.WatchListNamespacedPodAsync(namespaceName, allowWatchBookmarks: true, labelSelector: ClusterLabel, resourceVersion: version, timeoutSeconds: (int)timeout.TotalSeconds, cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public string KeyOf(V1Pod item) => $"{item.Metadata.NamespaceProperty}/{item.Metadata.Name}";

    /// <inheritdoc/>
    public string VersionOf(V1Pod item) => item.Metadata.ResourceVersion;
}

/// <summary>The services that we made.</summary>
/// <param name="client">The API server.</param>
/// <param name="namespaceName">Their namespace; empty: all.</param>
internal sealed class ServiceSource(IKubernetes client, string namespaceName) : IListWatch<V1Service>
{
    private static readonly string Selector = string.Create(CultureInfo.InvariantCulture, $"{ServiceNames.ManagedBy}={ServiceNames.Us}");

    /// <inheritdoc/>
    public string What => $"services with the label {Selector}{(namespaceName == "" ? "" : $" in namespace {namespaceName}")}";

    /// <inheritdoc/>
    public async Task<(IReadOnlyList<V1Service> Items, string Version)> ListAsync(CancellationToken cancellationToken)
    {
        var list = namespaceName == ""
            ? await client.CoreV1.ListServiceForAllNamespacesAsync(labelSelector: Selector, cancellationToken: cancellationToken)
            : await client.CoreV1.ListNamespacedServiceAsync(namespaceName, labelSelector: Selector, cancellationToken: cancellationToken);
        return ([.. list.Items], list.Metadata.ResourceVersion);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<(WatchEventType Type, V1Service Item)> WatchAsync(string version, TimeSpan timeout, CancellationToken cancellationToken) => namespaceName == ""
        ? client.CoreV1.WatchListServiceForAllNamespacesAsync(allowWatchBookmarks: true, labelSelector: Selector, resourceVersion: version, timeoutSeconds: (int)timeout.TotalSeconds, cancellationToken: cancellationToken)
        : client.CoreV1.WatchListNamespacedServiceAsync(namespaceName, allowWatchBookmarks: true, labelSelector: Selector, resourceVersion: version, timeoutSeconds: (int)timeout.TotalSeconds, cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public string KeyOf(V1Service item) => $"{item.Metadata.NamespaceProperty}/{item.Metadata.Name}";

    /// <inheritdoc/>
    public string VersionOf(V1Service item) => item.Metadata.ResourceVersion;
}

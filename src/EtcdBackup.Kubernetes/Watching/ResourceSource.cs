using System.Runtime.CompilerServices;
using System.Text.Json;
using EtcdBackup.Kubernetes.Resources;
using k8s;

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
                ? await client.CustomObjects.ListCustomObjectForAllNamespacesAsync(
                    kind.Group, kind.Version, kind.Plural, continueParameter: next, limit: PageSize, cancellationToken: cancellationToken)
                : await client.CustomObjects.ListNamespacedCustomObjectAsync(
                    kind.Group, kind.Version, namespaceName, kind.Plural, continueParameter: next, limit: PageSize,
                    cancellationToken: cancellationToken));
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
    public async IAsyncEnumerable<(WatchEventType Type, BackedUpResource Item)> WatchAsync(
        string version, TimeSpan timeout, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var events = namespaceName == ""
            ? client.CustomObjects.WatchListCustomObjectForAllNamespacesAsync(
                kind.Group, kind.Version, kind.Plural, allowWatchBookmarks: true, resourceVersion: version,
                timeoutSeconds: (int)timeout.TotalSeconds, cancellationToken: cancellationToken)
            : client.CustomObjects.WatchListNamespacedCustomObjectAsync(
                kind.Group, kind.Version, namespaceName, kind.Plural, allowWatchBookmarks: true, resourceVersion: version,
                timeoutSeconds: (int)timeout.TotalSeconds, cancellationToken: cancellationToken);
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

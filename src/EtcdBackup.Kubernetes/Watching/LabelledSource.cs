using EtcdBackup.Kubernetes.Resources;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Watching;

/// <summary>Built-in objects of Kubernetes that have a label.</summary>
/// <typeparam name="T">The object.</typeparam>
/// <param name="what">What is watched, for messages.</param>
/// <param name="list">Lists them.</param>
/// <param name="watch">Watches them from a version on, for a number of seconds.</param>
internal sealed class LabelledSource<T>(
    string what, Func<CancellationToken, Task<(IList<T> Items, string Version)>> list, Func<string, int, CancellationToken,
    IAsyncEnumerable<(WatchEventType Type, T Item)>> watch) : IListWatch<T>
    where T : IMetadata<V1ObjectMeta>
{
    /// <inheritdoc/>
    public string What => what;

    /// <inheritdoc/>
    public async Task<(IReadOnlyList<T> Items, string Version)> ListAsync(CancellationToken cancellationToken)
    {
        var (items, version) = await list(cancellationToken);
        return ([.. items], version);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<(WatchEventType Type, T Item)> WatchAsync(
        string version, TimeSpan timeout, CancellationToken cancellationToken) =>
        watch(version, (int)timeout.TotalSeconds, cancellationToken);

    /// <inheritdoc/>
    public string KeyOf(T item) => $"{item.Metadata.NamespaceProperty}/{item.Metadata.Name}";

    /// <inheritdoc/>
    public string VersionOf(T item) => item.Metadata.ResourceVersion;
}

/// <summary>The built-in objects of Kubernetes that we watch.</summary>
internal static class LabelledSource
{
    /// <summary>The old operator's label on the pods of a cluster, with the cluster's name.</summary>
    public const string ClusterLabel = "etcd_cluster";

    private const string Ours = $"{ServiceNames.ManagedBy}={ServiceNames.Us}";

    /// <summary>The members' pods of the clusters that the old etcd-operator made.</summary>
    /// <param name="core">The API server.</param>
    /// <param name="inNamespace">Their namespace; empty: all.</param>
    public static LabelledSource<V1Pod> Pods(ICoreV1Operations core, string inNamespace) => new(
        What("pods", ClusterLabel, inNamespace),
        async stop =>
        {
            var all = inNamespace == "" ? await core.ListPodForAllNamespacesAsync(labelSelector: ClusterLabel, cancellationToken: stop)
                : await core.ListNamespacedPodAsync(inNamespace, labelSelector: ClusterLabel, cancellationToken: stop);
            return (all.Items, all.Metadata.ResourceVersion);
        },
        (version, seconds, stop) => inNamespace == ""
            ? core.WatchListPodForAllNamespacesAsync(
                allowWatchBookmarks: true, labelSelector: ClusterLabel, resourceVersion: version, timeoutSeconds: seconds,
                cancellationToken: stop)
            : core.WatchListNamespacedPodAsync(
                inNamespace, allowWatchBookmarks: true, labelSelector: ClusterLabel, resourceVersion: version, timeoutSeconds: seconds,
                cancellationToken: stop));

    /// <summary>The services that we made.</summary>
    /// <param name="core">The API server.</param>
    /// <param name="inNamespace">Their namespace; empty: all.</param>
    public static LabelledSource<V1Service> Services(ICoreV1Operations core, string inNamespace) => new(
        What("services", Ours, inNamespace),
        async stop =>
        {
            var all = inNamespace == "" ? await core.ListServiceForAllNamespacesAsync(labelSelector: Ours, cancellationToken: stop)
                : await core.ListNamespacedServiceAsync(inNamespace, labelSelector: Ours, cancellationToken: stop);
            return (all.Items, all.Metadata.ResourceVersion);
        },
        (version, seconds, stop) => inNamespace == ""
            ? core.WatchListServiceForAllNamespacesAsync(
                allowWatchBookmarks: true, labelSelector: Ours, resourceVersion: version, timeoutSeconds: seconds, cancellationToken: stop)
            : core.WatchListNamespacedServiceAsync(
                inNamespace, allowWatchBookmarks: true, labelSelector: Ours, resourceVersion: version, timeoutSeconds: seconds,
                cancellationToken: stop));

    private static string What(string plural, string label, string inNamespace) =>
        $"{plural} with the label {label}{(inNamespace == "" ? "" : $" in namespace {inNamespace}")}";
}

using EtcdBackup.Kubernetes.Resources;
using EtcdBackup.Kubernetes.Watching;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Kubernetes.Reconciling;

/// <summary>
/// Copies of all watched objects: the resources, the pods of the old operator's clusters, and our services. Each change is reported as
/// the resources that it may concern.
/// </summary>
internal sealed class ResourceCaches(IKubernetes client, ReconcilingScope scope, Action<ResourceKey> changed,
    Action<ResourceKey> deleted, TimeProvider time, ILogger logger)
{
    private readonly IReadOnlyList<(ResourceKind Kind, Informer<BackedUpResource> Informer)> _resources =
        [.. ResourceKind.All.SelectMany(kind => scope.Namespaces.Select(ns =>
            (kind, new Informer<BackedUpResource>(new ResourceSource(client, kind, ns), r => changed(r.Key), time, logger, r
                => deleted(r.Key)))))];

    private readonly IReadOnlyList<Informer<V1Pod>> _pods =
        [.. scope.Namespaces.Select(
            ns => new Informer<V1Pod>(
            LabelledSource.Pods(client.CoreV1, ns), pod =>
            changed(new ResourceKey(
            ResourceKind.EtcdCluster, pod.Metadata.NamespaceProperty, pod.Metadata.Labels[LabelledSource.ClusterLabel])), time, logger))];

    private readonly IReadOnlyList<Informer<V1Service>> _services =
        [.. scope.Namespaces.Select(ns => new Informer<V1Service>(
            LabelledSource.Services(client.CoreV1, ns),
            service =>
            {
                if (ServiceNames.ClusterOf(service) is { } cluster)
                {
                    foreach (var kind in ResourceKind.All)
                    {
                        changed(new ResourceKey(kind, cluster.Namespace, cluster.Name));
                    }
                }
            },
            time,
            logger))];

    /// <summary>What keeps us from watching; empty if there is no problem.</summary>
    public IEnumerable<string> Problems =>
        _resources.Select(r => r.Informer.Problem).Concat(_pods.Select(p => p.Problem)).Concat(_services.Select(s => s.Problem))
        .OfType<string>();

    /// <summary>All resources of both kinds.</summary>
    public IEnumerable<BackedUpResource> Resources => _resources.SelectMany(r => r.Informer.Items);

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        var services = Task.WhenAll(_services.Select(s => s.Synced));
        var pods = Task.WhenAll(_pods.Select(p => p.Synced));
        return Task.WhenAll([
            .. _pods.Select(p => p.RunAsync(cancellationToken)),
            .. _services.Select(s => s.RunAsync(cancellationToken)),
            .. _resources.Select(
                r => RunAfterAsync(r.Kind == ResourceKind.EtcdCluster ? Task.WhenAll(pods, services) : services, r.Informer,
                cancellationToken)),
        ]);
    }

    /// <summary>Ends when all resources of a kind were listed once.</summary>
    public Task SyncedAsync(ResourceKind kind) => Task.WhenAll(_resources.Where(r => r.Kind == kind).Select(r => r.Informer.Synced));

    /// <summary>Whether the copy of all resources of a kind is up to date.</summary>
    public bool IsWellSeen(ResourceKind kind) => _resources.Where(r => r.Kind == kind).All(r
        => r.Informer is { Synced.IsCompletedSuccessfully: true, Problem: null });

    /// <summary>The resources that our services are for.</summary>
    public IEnumerable<ResourceKey> OwnersOfServices =>
        from service in _services.SelectMany(s => s.Items)
        where ServiceNames.ClusterOf(service) is not null
        from kind in ResourceKind.All
        let key = new ResourceKey(kind, service.Metadata.NamespaceProperty, ServiceNames.ClusterOf(service)!.Value.Name)
        where ServiceNames.IsOf(service, key)
        select key;

    /// <summary>A resource; null when there is none.</summary>
    public BackedUpResource? Find(ResourceKey key) =>
        _resources.Where(r => r.Kind == key.Kind).Select(r => r.Informer.Find($"{key.Namespace}/{key.Name}"))
            .FirstOrDefault(r => r is not null);

    /// <summary>A service of ours; null when there is none.</summary>
    public V1Service? FindService(string inNamespace, string name) =>
        _services.Select(s => s.Find($"{inNamespace}/{name}")).FirstOrDefault(s => s is not null);

    // The service and pods of a resource must be known before it is reconciled: otherwise it would seem to have none.
    private static async Task RunAfterAsync(Task known, Informer<BackedUpResource> informer, CancellationToken cancellationToken)
    {
        await known.WaitAsync(cancellationToken);
        await informer.RunAsync(cancellationToken);
    }

    /// <summary>The members' pods of a cluster of the old operator's.</summary>
    public IEnumerable<V1Pod> PodsOf(ResourceKey key) => key.Kind != ResourceKind.EtcdCluster ? [] : _pods.SelectMany(p => p.Items)
        .Where(p => p.Metadata.NamespaceProperty == key.Namespace && p.Metadata.Labels[LabelledSource.ClusterLabel] == key.Name);
}

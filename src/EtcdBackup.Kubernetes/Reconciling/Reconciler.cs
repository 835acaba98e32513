using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Kubernetes.Resources;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Kubernetes.Reconciling;

/// <summary>
/// Reconciles one resource: registration, Service, finalizer, status. Done again, it changes nothing.
/// </summary>
internal sealed partial class Reconciler(
    ResourceCaches caches, ApiWriter api, IGrainFactory grains, ReconcilingScope scope, ILogger<Reconciler> logger)
{
    private IClusterDirectoryGrain Directory => grains.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key);

    /// <summary>The name of this reporter at the directory.</summary>
    public const string Reporter = "the controller";

    /// <summary>Reconciles one resource, which may be gone.</summary>
    /// <param name="key">The resource.</param>
    /// <param name="isDeleted">Whether the API server reported it as deleted. One that is merely not found is unregistered by the
    /// directory, after the grace.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The resource as it was seen, and what is wrong with it; null if it is gone, or asks for no backups.</returns>
    public async Task<Reconciled?> ReconcileAsync(ResourceKey key, bool isDeleted, CancellationToken cancellationToken)
    {
        var resource = caches.Find(key);
        if (resource is null && !isDeleted)
        {
            if (!await IsOwnedAsync(key))
            {
                await DeleteServiceAsync(key, cancellationToken);
            }

            return null;
        }

        if (resource is null || resource.IsDeleting)
        {
            await UnregisterAsync(key, resource is { HasFinalizer: true, IsAutoDelete: true }, cancellationToken);
            if (resource is { HasFinalizer: true })
            {
                await api.SetFinalizerAsync(resource, isWanted: false, cancellationToken);
            }

            return null;
        }

        if (!resource.IsEnabled)
        {
            var was = await UnregisterAsync(key, deleteBackups: false, cancellationToken);
            await SetFinalizerAsync(resource, isWanted: false, cancellationToken);
            return was || resource.Status is not null
                ? new Reconciled(resource,
                    new Problem(Problem.Disabled, "its spec has no backup: it is not backed up; backups that were taken are kept"),
                    IsRegistered: false)
                : null;
        }

        var problem = await TakeOverAsync(resource, cancellationToken);
        return new Reconciled(resource, problem, problem is null || await IsOwnedAsync(key));
    }

    /// <summary>Reports to the directory which clusters the resources of a kind name.</summary>
    /// <returns>Resources that have to be reconciled, because the directory does not know their specs.</returns>
    public async Task<IReadOnlyList<ResourceKey>> ReportAsync(ResourceKind kind)
    {
        var named = caches.Resources.Where(r => r.Key.Kind == kind && r is { IsEnabled: true, IsDeleting: false }
            && ClusterKey.IsLabel(r.Key.Namespace) && ClusterKey.IsLabel(r.Key.Name));
        var unknown = await Directory.ReportNamesAsync(kind.Source, Reporter, caches.IsWellSeen(kind) ? [.. named.Select(r
            => new ClusterKey(r.Key.Namespace, r.Key.Name))] : null);
        return [.. unknown.Select(k => new ResourceKey(kind, k.Namespace, k.Name))];
    }

    // An invalid spec changes nothing: the cluster stays registered as before.
    private async Task<Problem?> TakeOverAsync(BackedUpResource resource, CancellationToken cancellationToken)
    {
        var translation = SpecTranslator.Translate(resource, caches.PodsOf(resource.Key));
        if (translation.Spec is not { } spec)
        {
            return new Problem(Problem.InvalidSpec, translation.Problem);
        }

        if (spec.Backup.StorageType == StorageType.PersistentVolume && !scope.IsVolumeShared)
        {
            return new Problem(Problem.InvalidSpec,
                "spec.backup.storageType is PersistentVolume, and each of the service's silos has a directory of its own: use S3 or " +
                "ABS, or let all silos see one directory (Backups:Shared)");
        }

        // Before it is registered: otherwise a deletion that should delete its backups too could go unnoticed.
        await SetFinalizerAsync(resource, resource.IsAutoDelete, cancellationToken);
        if (await Directory.RegisterAsync(resource.Key.Kind.Source, Reporter, [spec]) is [var owned, ..])
        {
            return new Problem(Problem.NameTaken,
                $"a cluster {owned.Key} is registered already, by {owned.Source}: rename this one, or remove that one");
        }

        var wanted = ServiceNames.For(resource, scope.ServiceTarget);
        var there = caches.FindService(wanted.Metadata.NamespaceProperty, wanted.Metadata.Name);
        if (ServiceNames.IsAsWanted(there, wanted))
        {
            return null;
        }

        var conflict = await api.ApplyServiceAsync(wanted, there is not null && ServiceNames.IsOf(there, resource.Key), cancellationToken);
        return conflict is null ? null
            : new Problem(Problem.ServiceConflict,
            $"a service {wanted.Metadata.Name} is there that is not ours, and stays as it is: delete it, if old clients should find " +
            $"this service at that name. {conflict}");
    }

    private async Task SetFinalizerAsync(BackedUpResource resource, bool isWanted, CancellationToken cancellationToken)
    {
        if (resource.HasFinalizer != isWanted)
        {
            await api.SetFinalizerAsync(resource, isWanted, cancellationToken);
        }
    }

    private async Task<bool> UnregisterAsync(ResourceKey key, bool deleteBackups, CancellationToken cancellationToken)
    {
        await DeleteServiceAsync(key, cancellationToken);
        if (!ClusterKey.IsLabel(key.Namespace) || !ClusterKey.IsLabel(key.Name) || !await Directory.UnregisterAsync(key.Kind.Source,
            new ClusterKey(key.Namespace, key.Name), deleteBackups))
        {
            return false;
        }

        LogUnregistered(key, deleteBackups ? "deleted" : "kept");
        return true;
    }

    // Kubernetes deletes what a deleted resource owned; if the resource still exists, we have to delete its service.
    private async Task DeleteServiceAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (caches.FindService(key.Namespace, key.Name + HostResolver.ServiceSuffix) is { } service && ServiceNames.IsOf(service, key))
        {
            await api.DeleteServiceAsync(service, cancellationToken);
        }
    }

    private async Task<bool> IsOwnedAsync(ResourceKey key) =>
        ClusterKey.IsLabel(key.Namespace) && ClusterKey.IsLabel(key.Name) &&
            await Directory.OwnerOfAsync(new ClusterKey(key.Namespace, key.Name)) == key.Kind.Source;

    [LoggerMessage(Level = LogLevel.Information, Message = "{Resource} no longer asks for backups; its stored backups are {Fate}")]
    private partial void LogUnregistered(ResourceKey resource, string fate);
}

/// <summary>The result of reconciling one resource.</summary>
/// <param name="Resource">The resource as it was seen.</param>
/// <param name="Problem">What is wrong with it; null when nothing is.</param>
/// <param name="IsRegistered">Whether the cluster is backed up, perhaps by an earlier spec.</param>
internal sealed record Reconciled(BackedUpResource Resource, Problem? Problem, bool IsRegistered);

using System.Collections.Concurrent;
using System.Net;
using EtcdBackup.Clusters;
using EtcdBackup.Kubernetes.Resources;
using k8s;
using k8s.Autorest;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Kubernetes.Reconciling;

/// <summary>Watches the resources that ask for backups, and reconciles each. One runs among all silos.</summary>
internal sealed partial class Controller(
    IKubernetes client, IGrainFactory grains, ReconcilingScope scope, TimeProvider time, ILoggerFactory loggers)
{
    private const int Workers = 8;

    private static readonly TimeSpan ResyncEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LoopPause = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<Controller>();
    private readonly WorkQueue<ResourceKey> _queue = new(time);
    private readonly ConcurrentDictionary<ResourceKey, bool> _deleted = new();
    private ResourceCaches? _caches;

    /// <summary>The present problems; empty if there are none.</summary>
    public IReadOnlyList<string> Problems => _caches is null ? [] : [.. _caches.Problems.Distinct()];

    /// <summary>The status of a cluster changed.</summary>
    public void Note(ClusterKey cluster)
    {
        foreach (var kind in ResourceKind.All)
        {
            if (_caches?.Find(new ResourceKey(kind, cluster.Namespace, cluster.Name)) is { } resource)
            {
                _queue.Add(resource.Key);
            }
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var api = new ApiWriter(client);
        _caches = new ResourceCaches(client, scope, Changed, key => _deleted[key] = true, time, _logger);
        var reconciler = new Reconciler(_caches, api, grains, scope, loggers.CreateLogger<Reconciler>());
        var statuses = new StatusWriter(api, grains, time, loggers.CreateLogger<StatusWriter>());
        await Task.WhenAll([
            KeepAsync("watching", _caches.RunAsync, cancellationToken),
            .. ResourceKind.All.Select(kind => KeepAsync("reporting", stop => ReportAsync(reconciler, kind, stop), cancellationToken)),
            KeepAsync("resync", ResyncAsync, cancellationToken),
            .. Enumerable.Range(0, Workers).Select(_ =>
                KeepAsync("reconciling", stop => _queue.RunAsync(key => WorkAsync(reconciler, statuses, key, stop), Failed, stop),
                    cancellationToken)),
        ]);
    }

    // Nothing else would notice that one loop ended: the others continue.
    private async Task KeepAsync(string what, Func<CancellationToken, Task> loop, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await loop(cancellationToken);
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogLoopEnded(what, e);
                await Task.Delay(LoopPause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // The same name may be free now for a resource of the other kind.
    private void Changed(ResourceKey key)
    {
        if (_caches!.Find(key) is not null)
        {
            _deleted.TryRemove(key, out _);
        }

        _queue.Add(key);
        foreach (var other in ResourceKind.All.Where(k => k != key.Kind).Select(k => key with { Kind = k })
            .Where(k => _caches!.Find(k) is not null))
        {
            _queue.Add(other);
        }
    }

    private async Task WorkAsync(Reconciler reconciler, StatusWriter statuses, ResourceKey key, CancellationToken cancellationToken)
    {
        // Until all were listed, a resource that cannot be found may exist. Each is reconciled again after the list.
        if (!_caches!.SyncedAsync(key.Kind).IsCompletedSuccessfully)
        {
            return;
        }

        var isDeleted = _deleted.ContainsKey(key);
        var result = await reconciler.ReconcileAsync(key, isDeleted, cancellationToken);
        if (isDeleted && _caches.Find(key) is null)
        {
            _deleted.TryRemove(key, out _);
        }

        if (result is not { } reconciled)
        {
            statuses.Forget(key);
        }
        else if (await statuses.WriteAsync(reconciled, cancellationToken) is { } wait)
        {
            _queue.AddAfter(key, wait);
        }
    }

    // The directory gets the list of resources in turn. A resource that was deleted while nobody watched is unregistered by the directory
    // after the grace, and then its service is deleted too.
    private async Task ReportAsync(Reconciler reconciler, ResourceKind kind, CancellationToken cancellationToken)
    {
        await _caches!.SyncedAsync(kind).WaitAsync(cancellationToken);
        string? told = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var unknown = await reconciler.ReportAsync(kind);
                foreach (var key in unknown.Concat(_caches.OwnersOfServices.Where(k => k.Kind == kind && _caches.Find(k) is null)))
                {
                    _queue.Add(key);
                }

                told = null;
                await Task.Delay(RemovalTimes.ReportEvery, time, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                if (told != e.GetType().Name)
                {
                    LogNotReported(e);
                }

                told = e.GetType().Name;
                await Task.Delay(LoopPause, time, cancellationToken);
            }
        }
    }

    // Reconciles everything again from the copies, which repairs what others changed; no request goes to the API server if nothing did.
    private async Task ResyncAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(ResyncEvery, time, cancellationToken);
            foreach (var resource in _caches!.Resources)
            {
                _queue.Add(resource.Key);
            }
        }
    }

    private void Failed(ResourceKey key, int failures, Exception e)
    {
        switch (e)
        {
            case HttpOperationException { Response.StatusCode: HttpStatusCode.Forbidden } forbidden:
                LogForbidden(key, forbidden.Response.Content);
                break;
            case HttpOperationException refused:
                LogRefused(key, failures, (int)refused.Response.StatusCode, refused.Response.Content);
                break;
            default:
                LogFailed(key, failures, e);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} could not be reconciled, time {Failures} in a row; trying again")]
    private partial void LogFailed(ResourceKey resource, int failures, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Resource} could not be reconciled, time {Failures} in a row; trying again. The API server answered {Code}: {Answer}")]
    private partial void LogRefused(ResourceKey resource, int failures, int code, string answer);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "{Resource}: the API server forbids a necessary call: grant the permission (docs/kubernetes.md lists each one). It answered: " +
        "{Answer}")]
    private partial void LogForbidden(ResourceKey resource, string answer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The list of resources could not be reported to the directory of clusters; " +
        "trying again")]
    private partial void LogNotReported(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The controller's {Loop} ended, and is started again")]
    private partial void LogLoopEnded(string loop, Exception exception);
}

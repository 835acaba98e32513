using EtcdBackup.Clusters;
using System.Collections.Concurrent;
using System.Net;
using k8s;
using k8s.Autorest;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Kubernetes.Watching;

/// <summary>
/// Keeps a copy of all objects of a kind: one list, then a watch from the version of the list. If the server no longer knows that version
/// (410), it lists again; if anything else fails, it tries again, less and less often. Every difference is reported, including those that
/// a broken watch missed.
/// </summary>
/// <typeparam name="T">The object.</typeparam>
/// <param name="source">Lists and watches.</param>
/// <param name="changed">Called for each difference.</param>
/// <param name="time">For its pauses.</param>
/// <param name="logger">Logs what keeps it from watching.</param>
/// <param name="deleted">Called before <paramref name="changed"/> for what the server reports as deleted, but not for what a list lacks:
/// the list may cover fewer namespaces, or the server may have lost the object.</param>
internal sealed partial class Informer<T>(IListWatch<T> source, Action<T> changed, TimeProvider time, ILogger logger,
    Action<T>? deleted = null)
    where T : class
{
    private static readonly Backoff Pause = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
    private static readonly TimeSpan WatchLength = TimeSpan.FromMinutes(5);

    // For a server that does not end the watch itself: it, or the network to it, is down.
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(30);

    // If a server ends each watch at once, there is still a pause before the next.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, T> _items = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All objects, as last received.</summary>
    public IEnumerable<T> Items => _items.Values;

    /// <summary>Completes when everything was listed once.</summary>
    public Task Synced => _synced.Task;

    /// <summary>What keeps it from watching; null if nothing does.</summary>
    public string? Problem { get; private set; }

    /// <summary>One object; null when there is none.</summary>
    public T? Find(string key) => _items.GetValueOrDefault(key);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        string? version = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                version ??= await ListAsync(cancellationToken);
                if (Problem is not null)
                {
                    LogWell(source.What);
                }

                (Problem, failures) = (null, 0);
                var began = time.GetTimestamp();
                version = await FollowAsync(version, cancellationToken);
                if (time.GetElapsedTime(began) < ShortestWatch)
                {
                    await PauseAsync(failures: 4, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (KubernetesException e) when (e.Status?.Code == (int)HttpStatusCode.Gone || e.Status?.Reason is "Expired" or "Gone")
            {
                LogExpired(source.What);
                version = null;
            }
            catch (Exception e)
            {
                // A list shows whatever was missed meanwhile.
                version = null;
                var problem = Explain(e);
                if (problem != Problem)
                {
                    LogFailed(source.What, problem, e);
                }

                Problem = problem;
                await PauseAsync(++failures, cancellationToken);
            }
        }
    }

    private static async Task PauseAsync(int failures, CancellationToken cancellationToken)
    {
        await Task.Delay(Pause.After(failures) * (0.5 + (Random.Shared.NextDouble() / 2)), cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var (items, version) = await source.ListAsync(cancellationToken);
        var listed = items.ToDictionary(source.KeyOf, StringComparer.Ordinal);
        var gone = _items.Where(i => !listed.ContainsKey(i.Key)).ToArray();
        var fresh = listed.Where(l => IsNews(l.Key, l.Value)).ToArray();
        foreach (var (key, _) in gone)
        {
            _items.TryRemove(key, out _);
        }

        foreach (var (key, item) in fresh)
        {
            _items[key] = item;
        }

        // The copy is complete before any difference is reported.
        _synced.TrySetResult();
        foreach (var (_, item) in gone.Concat(fresh))
        {
            changed(item);
        }

        return version;
    }

    private async Task<string> FollowAsync(string version, CancellationToken cancellationToken)
    {
        using var overdue = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        overdue.CancelAfter(WatchLength + Overdue);
        try
        {
            await foreach (var (type, item) in source.WatchAsync(version, WatchLength, overdue.Token))
            {
                version = source.VersionOf(item);
                if (type is WatchEventType.Deleted)
                {
                    _items.TryRemove(source.KeyOf(item), out _);
                    deleted?.Invoke(item);
                    changed(item);
                }
                else if (type is WatchEventType.Added or WatchEventType.Modified && IsNews(source.KeyOf(item), item))
                {
                    _items[source.KeyOf(item)] = item;
                    changed(item);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the API server sent nothing more, nor did it end the watch of {source.What}");
        }

        return version;
    }

    private bool IsNews(string key, T item) => !_items.TryGetValue(key, out var known) || source.VersionOf(known) != source.VersionOf(item);

    private string Explain(Exception e) => e switch
    {
        HttpOperationException { Response.StatusCode: HttpStatusCode.Forbidden } =>
            $"the service may not list or watch {source.What}: grant it (docs/kubernetes.md lists each permission)",
        HttpOperationException { Response.StatusCode: HttpStatusCode.Unauthorized } =>
            $"the API server does not know who the service is: give its pod a service account, or a kubeconfig with a valid login",
        HttpOperationException { Response.StatusCode: HttpStatusCode.NotFound } =>
            $"the API server knows no {source.What}: apply the definition in k8s/crd, if you want them",
        HttpOperationException http => $"the API server answered {(int)http.Response.StatusCode}: {http.Response.Content}",
        _ => e.Message,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{What} are not followed: {Problem}. Trying again; what is registered stays registered")]
    private partial void LogFailed(string what, string problem, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{What} are followed again")]
    private partial void LogWell(string what);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "The API server no longer knows the version that the watch of {What} had reached: listing them again")]
    private partial void LogExpired(string what);
}

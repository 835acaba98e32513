using System.Collections.Concurrent;
using EtcdBackup.Grains;
using EtcdBackup.Kubernetes.Resources;
using k8s.Autorest;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Kubernetes.Reconciling;

/// <summary>Writes statuses and events: only changes, and for each resource at most once in ten seconds.</summary>
internal sealed partial class StatusWriter(ApiWriter api, IGrainFactory grains, TimeProvider time, ILogger<StatusWriter> logger)
{
    /// <summary>The time between two writes to one resource.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ResourceKey, Written> _written = new();

    /// <summary>Writes the status, if it changed.</summary>
    /// <returns>How long to wait before the next try, if it is too soon; else null.</returns>
    public async Task<TimeSpan?> WriteAsync(Reconciled reconciled, CancellationToken cancellationToken)
    {
        var resource = reconciled.Resource;
        var now = time.GetUtcNow();
        var last = _written.GetValueOrDefault(resource.Key);
        if (last is not null && now - last.At < Spacing)
        {
            return Spacing - (now - last.At);
        }

        var (cluster, isStoreKnown) = reconciled.IsRegistered ? await AskAsync(resource.Key) : (null, false);
        var log = cluster?.Summary.Spec?.Backup.Log is { Enabled: true } ? await GrainOf(resource.Key).GetLogAsync(store: false) : null;
        var before = last?.Uid == resource.Metadata.Uid ? last!.Status : resource.Status;
        var status = StatusReport.Of(resource with { Status = before }, reconciled.Problem, cluster, isStoreKnown, now, log);
        if (status.SaysTheSame(before))
        {
            _written[resource.Key] = new Written(last?.At ?? default, resource.Metadata.Uid, status);
            return null;
        }

        if (!await api.ApplyStatusAsync(resource, status, cancellationToken))
        {
            LogNoStatus(resource.Key);
        }

        _written[resource.Key] = new Written(now, resource.Metadata.Uid, status);
        await TellAsync(resource, before, status, now, cancellationToken);
        return null;
    }

    /// <summary>Forgets a resource that is gone.</summary>
    public void Forget(ResourceKey key) => _written.TryRemove(key, out _);

    // The status has to report that a store cannot be listed, so that must not keep it from being written.
    private async Task<(ClusterStatus Status, bool IsStoreKnown)> AskAsync(ResourceKey key)
    {
        var grain = GrainOf(key);
        try
        {
            return (await grain.GetStatusAsync(), true);
        }
        catch (Exception e) when (e is IOException or TimeoutException or UnauthorizedAccessException)
        {
            LogNoList(key, e);
            return (new ClusterStatus(await grain.GetSummaryAsync(), [], new StoredSummary(0, 0, null, [], time.GetUtcNow()), e.Message),
                false);
        }
    }

    private IBackupGrain GrainOf(ResourceKey key) => grains.GetGrain<IBackupGrain>($"{key.Namespace}/{key.Name}");

    private async Task TellAsync(
        BackedUpResource resource, BackupResourceStatus? before, BackupResourceStatus status, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        foreach (var condition in status.Conditions)
        {
            var old = before?.Find(condition.Type);
            if (condition.Status == "Unknown" || (old?.Status == condition.Status && old.Reason == condition.Reason))
            {
                continue;
            }

            try
            {
                await api.TellAsync(resource, condition.Status == "False", condition.Reason, condition.Message, now, cancellationToken);
            }
            catch (HttpOperationException e)
            {
                // The status says it too.
                LogNoEvent(resource.Key, condition.Reason, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message =
        "The status of {Resource} cannot be written: it is gone, or its definition has no status subresource")]
    private partial void LogNoStatus(ResourceKey resource);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "{Resource}: its backups cannot be listed now; the status shows what was known before")]
    private partial void LogNoList(ResourceKey resource, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource}: the event {Reason} could not be written")]
    private partial void LogNoEvent(ResourceKey resource, string reason, Exception exception);

    private sealed record Written(DateTimeOffset At, string Uid, BackupResourceStatus Status);
}

using System.Collections.Concurrent;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Placement;

namespace EtcdBackup.Host.Hosting;

/// <summary>
/// When a silo came or went, wakes the clusters that are this silo's now: those of a dead one are back on schedule at once and need not wait for
/// their reminder, and those that live elsewhere move here.
/// </summary>
internal sealed partial class Wakeup(IGrainFactory grains, ISiloStatusOracle silos, ILocalSiloDetails here, ILogger<Wakeup> logger) : BackgroundService, ISiloStatusListener
{
    private const int AtOnce = 128;

    // Membership changes come in bursts, and the grain directory learns of them at about the same time.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _changed = new(0, 1);

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        // One notice waiting is enough, and two may come at once.
        lock (_changed)
        {
            if (status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping or SiloStatus.Dead && _changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        silos.SubscribeToSiloStatusEvents(this);
        try
        {
            // Once at the start too: this silo, and others, were noticed by each other before anybody listened here.
            while (true)
            {
                await Task.Delay(Settle, stoppingToken);
                await SettleAsync(stoppingToken);
                await _changed.WaitAsync(stoppingToken);
            }
        }
        finally
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    // The silo that a cluster lives on may hear of the change later than this one, and keeps it until then: so it is asked again.
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        IReadOnlyCollection<ClusterKey>? left = null;
        while (left is not { Count: 0 } && _changed.CurrentCount == 0)
        {
            left = await WakeAsync(left, cancellationToken);
            await Task.Delay(Settle, cancellationToken);
        }
    }

    // Those that are not here yet; null when nothing could be done.
    private async Task<IReadOnlyCollection<ClusterKey>?> WakeAsync(IReadOnlyCollection<ClusterKey>? left, CancellationToken cancellationToken)
    {
        try
        {
            var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.ToArray();
            if (!active.Contains(here.SiloAddress))
            {
                return [];
            }

            if (left is null)
            {
                var all = await grains.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key).ListAsync();
                left = [.. all.Where(c => SpreadDirector.Choose(c.ToString(), active).Equals(here.SiloAddress))];
                LogMine(left.Count, all.Count, active.Length);
            }

            var elsewhere = new ConcurrentBag<ClusterKey>();
            await Parallel.ForEachAsync(left, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (cluster, _) =>
            {
                if (!await TryWakeAsync(cluster))
                {
                    elsewhere.Add(cluster);
                }
            });
            return elsewhere;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e);
            return null;
        }
    }

    private async Task<bool> TryWakeAsync(ClusterKey cluster)
    {
        try
        {
            var answer = await grains.GetGrain<IBackupGrain>(cluster.ToString()).WakeAsync();
            return answer.Running || answer.Silo == here.SiloAddress.ToParsableString();
        }
        catch (Exception e)
        {
            LogNotWoken(cluster, e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} of {All} clusters are this silo's, of {Silos} silos")]
    private partial void LogMine(int count, int all, int silos);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} could not be woken; trying again")]
    private partial void LogNotWoken(ClusterKey cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silos came or went, and the clusters could not be listed; trying again")]
    private partial void LogFailed(Exception exception);
}

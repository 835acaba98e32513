using EtcdBackup.Clusters;
using EtcdBackup.Grains;

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
        if (status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping or SiloStatus.Dead && _changed.CurrentCount == 0)
        {
            _changed.Release();
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
            while (true)
            {
                await _changed.WaitAsync(stoppingToken);
                await Task.Delay(Settle, stoppingToken);
                while (!await WakeAsync(stoppingToken))
                {
                    await Task.Delay(Settle, stoppingToken);
                }
            }
        }
        finally
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    private async Task<bool> WakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.ToArray();
            if (!active.Contains(here.SiloAddress))
            {
                return true;
            }

            var all = await grains.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key).ListAsync();
            var mine = all.Where(c => SpreadDirector.Choose(c.ToString(), active).Equals(here.SiloAddress)).ToArray();
            var failed = 0;
            await Parallel.ForEachAsync(mine, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (cluster, _) =>
            {
                if (!await TryWakeAsync(cluster))
                {
                    Interlocked.Increment(ref failed);
                }
            });
            LogWoken(mine.Length - failed, all.Count, active.Length);
            return failed == 0;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e);
            return false;
        }
    }

    private async Task<bool> TryWakeAsync(ClusterKey cluster)
    {
        try
        {
            await grains.GetGrain<IBackupGrain>(cluster.ToString()).WakeAsync();
            return true;
        }
        catch (Exception e)
        {
            LogNotWoken(cluster, e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Silos came or went: {Count} of {All} clusters are this silo's, of {Silos}")]
    private partial void LogWoken(int count, int all, int silos);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} could not be woken; trying again")]
    private partial void LogNotWoken(ClusterKey cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silos came or went, and the clusters could not be listed; trying again")]
    private partial void LogFailed(Exception exception);
}

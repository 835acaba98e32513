using System.Collections.Concurrent;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Placement;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Hosting;

/// <summary>
/// When a silo joins or leaves, activates the clusters that this silo owns now: those of a dead silo are back on schedule at once and do
/// not wait for their reminder, and those that are active on another silo move here.
/// </summary>
internal sealed partial class GrainWaker(IGrainFactory grains, ISiloStatusOracle silos, ILocalSiloDetails here, ILogger<GrainWaker> logger)
    : LoopService(logger), ISiloStatusListener
{
    private const int AtOnce = 128;

    // Membership changes come in bursts, and the grain directory learns of them at about the same time.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);

    private readonly HashSet<string> _told = [];
    private readonly SemaphoreSlim _changed = new(0, 1);

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        // One waiting notice is enough, and two may come at once.
        lock (_changed)
        {
            if (status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping or SiloStatus.Dead &&
                _changed.CurrentCount == 0)
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

    protected override TimeSpan Every => Settle;

    // Clusters of a silo that died wait for this.
    protected override TimeSpan LongestPause => TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        silos.SubscribeToSiloStatusEvents(this);
        try
        {
            await base.ExecuteAsync(stoppingToken);
        }
        finally
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    // Also once at the start: silos joined before this loop listened.
    protected override Task WaitAsync(CancellationToken stoppingToken) => _changed.WaitAsync(stoppingToken);

    // The silo that a cluster is active on may learn of the change later than this one, and keeps it until then: so it is asked again.
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Settle, stoppingToken);
        IReadOnlyCollection<ClusterKey>? left = null;
        var pause = Settle;
        while (left is not { Count: 0 } && _changed.CurrentCount == 0)
        {
            left = await WakeAsync(left, stoppingToken);
            await Task.Delay(pause, stoppingToken);
            pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
        }
    }

    // The clusters that are not here yet.
    private async Task<IReadOnlyCollection<ClusterKey>> WakeAsync(IReadOnlyCollection<ClusterKey>? left,
        CancellationToken cancellationToken)
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
        var failures = new ConcurrentBag<(ClusterKey Cluster, Exception Exception)>();
        await Parallel.ForEachAsync(left, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (cluster, _) =>
        {
            if (!await TryWakeAsync(cluster, failures))
            {
                elsewhere.Add(cluster);
            }
        });
        Tell(failures);
        return elsewhere;
    }

    private async Task<bool> TryWakeAsync(ClusterKey cluster, ConcurrentBag<(ClusterKey Cluster, Exception Exception)> failures)
    {
        try
        {
            var answer = await grains.GetGrain<IBackupGrain>(cluster.ToString()).WakeAsync();
            return answer.Running || answer.Silo == here.SiloAddress.ToParsableString();
        }
        catch (Exception e)
        {
            failures.Add((cluster, e));
            return false;
        }
    }

    // Hundreds of clusters of one dead silo fail alike, and again in each round.
    private void Tell(ConcurrentBag<(ClusterKey Cluster, Exception Exception)> failures)
    {
        var causes = failures.GroupBy(f => CauseOf(f.Exception)).ToArray();
        foreach (var alike in causes.Where(c => _told.Add(c.Key)))
        {
            LogNotWoken(alike.Count(), alike.First().Cluster, alike.First().Exception);
        }

        _told.IntersectWith(causes.Select(c => c.Key));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This silo owns {Count} of {All} clusters, of {Silos} silos")]
    private partial void LogMine(int count, int all, int silos);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} clusters could not be activated, {Cluster} among them; trying again. " +
        "This is logged once")]
    private partial void LogNotWoken(int count, ClusterKey cluster, Exception exception);
}

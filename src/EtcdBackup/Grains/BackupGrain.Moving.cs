using EtcdBackup.Clusters;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;

namespace EtcdBackup.Grains;

/// <content>Which silo the cluster lives on: its home, by its name; for a snapshot that would have to wait there, one that has a slot free.</content>
internal sealed partial class BackupGrain
{
    // It came for a free slot. Should that be taken by now, it waits: going on from silo to silo would help nobody.
    private bool _isVisitor;

    // Where the run that is ending is taken up again.
    private SiloAddress? _elsewhere;

    /// <inheritdoc/>
    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
    }

    /// <inheritdoc/>
    public void OnRehydrate(IRehydrationContext rehydrationContext) => _isVisitor = true;

    // A silo that joined takes its share: whoever is not where the placement wants it moves, but never in a run.
    private void MoveHome()
    {
        var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys;
        if (_run is null && _saving.IsCompleted && !stop.Stopping.IsCancellationRequested && active.Count > 0 && !SpreadDirector.Choose(Key.ToString(), active).Equals(silos.SiloAddress))
        {
            MigrateOnIdle();
        }
    }

    // A silo where the snapshot need not wait; null to wait here.
    private async Task<SiloAddress?> FindFreeSiloAsync()
    {
        if (_isVisitor || _callers > 0)
        {
            return null;
        }

        foreach (var silo in silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(s => !s.Equals(silos.SiloAddress)).OrderByDescending(s => SpreadDirector.Weight(Key.ToString(), s)))
        {
            try
            {
                if (await GrainFactory.GetGrain<ISiloLoadGrain>(silo.ToParsableString()).FreeSnapshotSlotsAsync() > 0)
                {
                    return silo;
                }
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                // Waiting here is never wrong.
                LogNoLoad(Key, silo, e);
            }
        }

        return null;
    }

    private void MoveTo(SiloAddress silo)
    {
        LogMoves(Key, silo);
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        try
        {
            MigrateOnIdle();
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: all snapshots that this silo may take at once are running; {Silo} takes this one")]
    private partial void LogMoves(ClusterKey cluster, SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: how busy {Silo} is could not be asked")]
    private partial void LogNoLoad(ClusterKey cluster, SiloAddress silo, Exception exception);
}

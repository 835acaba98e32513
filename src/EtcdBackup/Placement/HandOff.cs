using EtcdBackup.Clusters;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Placement;

/// <summary>Which silo a cluster belongs to, and which one could take a snapshot that would have to wait here.</summary>
/// <param name="silos">The silos.</param>
/// <param name="grains">To ask them how busy they are.</param>
/// <param name="logger">Logs which silo could not be asked.</param>
internal sealed partial class HandOff(ISiloStatusOracle silos, IGrainFactory grains, ILogger<HandOff> logger)
{
    /// <summary>This silo.</summary>
    public SiloAddress Here => silos.SiloAddress;

    /// <summary>Whether the cluster belongs to this silo, as far as this silo knows.</summary>
    public bool IsHome(ClusterKey cluster)
    {
        var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys;
        return active.Count == 0 || SpreadDirector.Choose(cluster.ToString(), active).Equals(Here);
    }

    /// <summary>A silo with a free snapshot slot; null if there is none, and waiting here is as good.</summary>
    public async Task<SiloAddress?> FindFreeSiloAsync(ClusterKey cluster)
    {
        var others = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(s => !s.Equals(Here));
        foreach (var silo in others.OrderByDescending(s => SpreadDirector.Weight(cluster.ToString(), s)))
        {
            try
            {
                if (await grains.GetGrain<ISiloLoadGrain>(silo.ToParsableString()).FreeSnapshotSlotsAsync() > 0)
                {
                    return silo;
                }
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                LogNoLoad(cluster, silo, e);
            }
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: {Silo} could not be asked for its free snapshot slots")]
    private partial void LogNoLoad(ClusterKey cluster, SiloAddress silo, Exception exception);
}

using EtcdBackup.Clusters;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Placement;

/// <summary>Which silo a cluster belongs on, and which one could take a snapshot that would have to wait here.</summary>
/// <param name="silos">The silos.</param>
/// <param name="grains">To ask them how busy they are.</param>
/// <param name="logger">Tells what could not be asked.</param>
internal sealed partial class HandOff(ISiloStatusOracle silos, IGrainFactory grains, ILogger<HandOff> logger)
{
    /// <summary>This silo.</summary>
    public SiloAddress Here => silos.SiloAddress;

    /// <summary>Whether the cluster belongs on this silo, as far as it is known here.</summary>
    public bool IsHome(ClusterKey cluster)
    {
        var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys;
        return active.Count == 0 || SpreadDirector.Choose(cluster.ToString(), active).Equals(Here);
    }

    /// <summary>A silo that has a slot for a snapshot free; null when none has, and waiting here is as good.</summary>
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: how busy {Silo} is could not be asked")]
    private partial void LogNoLoad(ClusterKey cluster, SiloAddress silo, Exception exception);
}

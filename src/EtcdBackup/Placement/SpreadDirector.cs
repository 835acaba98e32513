using System.IO.Hashing;
using System.Text;
using Orleans.Runtime.Placement;

namespace EtcdBackup.Placement;

/// <summary>Chooses the silo of a cluster by rendezvous hashing.</summary>
internal sealed class SpreadDirector : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, context.GetCompatibleSilos(target))
            ?? Choose(target.GrainIdentity.Key.ToString()!, context.GetCompatibleSilos(target)));

    /// <summary>The silo of a cluster.</summary>
    /// <param name="cluster">Its key, <c>namespace/name</c>.</param>
    /// <param name="silos">The active silos; at least one.</param>
    public static SiloAddress Choose(string cluster, IEnumerable<SiloAddress> silos) =>
        silos.MaxBy(s => Weight(cluster, s))!;

    /// <summary>The weight of a silo for a cluster: the silo with the greatest weight owns the cluster.</summary>
    public static (ulong Hash, int Generation) Weight(string cluster, SiloAddress silo) =>
        (XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{cluster} {silo.Endpoint}")), silo.Generation);
}

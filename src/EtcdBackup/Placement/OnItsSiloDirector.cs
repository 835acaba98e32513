using Orleans.Runtime.Placement;

namespace EtcdBackup.Placement;

/// <summary>Chooses the silo that the grain's key names; a silo that is gone has no load.</summary>
internal sealed class OnItsSiloDirector : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = target.GrainIdentity.Key.ToString()!;
        return Task.FromResult(
            context.GetCompatibleSilos(target).FirstOrDefault(s => s.ToParsableString() == silo)
            ?? throw new OrleansException($"the silo {silo} is gone"));
    }
}

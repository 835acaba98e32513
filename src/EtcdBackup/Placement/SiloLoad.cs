using EtcdBackup.Scheduling;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace EtcdBackup.Placement;

/// <summary>Tells how busy one silo is. Its key is the silo's address, as Orleans writes it, and it lives there.</summary>
public interface ISiloLoadGrain : IGrainWithStringKey
{
    /// <summary>How many snapshots the silo could begin at once.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:02")]
    Task<int> FreeSnapshotSlotsAsync();
}

/// <inheritdoc cref="ISiloLoadGrain"/>
[OnItsSilo]
internal sealed class SiloLoadGrain(RunSlots slots) : Grain, ISiloLoadGrain
{
    /// <inheritdoc/>
    public Task<int> FreeSnapshotSlotsAsync() => Task.FromResult(slots.Snapshots.Free);
}

/// <summary>Places a grain on the silo that its key names.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnItsSiloAttribute() : PlacementAttribute(new OnItsSiloPlacement());

/// <inheritdoc cref="OnItsSiloAttribute"/>
[GenerateSerializer]
[Immutable]
internal sealed class OnItsSiloPlacement : PlacementStrategy;

/// <summary>Chooses the silo; one that is gone has no load to tell.</summary>
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

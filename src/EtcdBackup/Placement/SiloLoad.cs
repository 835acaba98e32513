using EtcdBackup.Scheduling;
using Orleans.Concurrency;
using Orleans.Placement;

namespace EtcdBackup.Placement;

/// <summary>Returns how busy one silo is. Its key is the silo's address, as Orleans writes it, and it runs there.</summary>
internal interface ISiloLoadGrain : IGrainWithStringKey
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

using Orleans.Placement;

namespace EtcdBackup.Placement;

/// <summary>
/// Each cluster has the silo that its name and the silos' addresses choose (rendezvous hashing): all silos agree on it without asking,
/// clusters spread evenly, and when a silo comes or goes only its share moves.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SpreadPlacementAttribute() : PlacementAttribute(new SpreadPlacement());

/// <inheritdoc cref="SpreadPlacementAttribute"/>
[GenerateSerializer]
[Immutable]
internal sealed class SpreadPlacement : PlacementStrategy;

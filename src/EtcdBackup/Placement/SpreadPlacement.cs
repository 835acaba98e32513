using Orleans.Placement;

namespace EtcdBackup.Placement;

/// <summary>
/// Places each cluster by its name and the silos' addresses (rendezvous hashing): all silos agree without asking each other, clusters
/// are spread evenly, and when a silo joins or leaves, only its share moves.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SpreadPlacementAttribute() : PlacementAttribute(new SpreadPlacement());

/// <inheritdoc cref="SpreadPlacementAttribute"/>
[GenerateSerializer]
[Immutable]
internal sealed class SpreadPlacement : PlacementStrategy;

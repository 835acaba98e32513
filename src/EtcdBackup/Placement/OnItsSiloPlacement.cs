namespace EtcdBackup.Placement;

/// <inheritdoc cref="OnItsSiloAttribute"/>
[GenerateSerializer]
[Immutable]
internal sealed class OnItsSiloPlacement : PlacementStrategy;

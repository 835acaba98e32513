namespace EtcdBackup.Scheduling;

/// <summary>What one silo does at once, however many clusters are overdue.</summary>
/// <param name="Checks">Asking clusters whether anything changed.</param>
/// <param name="Snapshots">Taking snapshots.</param>
public sealed record RunSlots(SnapshotSlots Checks, SnapshotSlots Snapshots);

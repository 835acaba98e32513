using EtcdBackup.Snapshots;

namespace EtcdBackup.Catalog;

/// <summary>The result of a verify: a stored backup, read whole.</summary>
/// <param name="Backup">The backup.</param>
/// <param name="Verification">The result.</param>
/// <param name="Snapshot">All that was found in the file; null if it cannot be read.</param>
public sealed record VerificationReport(BackupName Backup, Verification Verification, SnapshotReport? Snapshot);

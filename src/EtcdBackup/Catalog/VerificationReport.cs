using EtcdBackup.Snapshots;

namespace EtcdBackup.Catalog;

/// <summary>A stored backup, read whole: the answer to "verify".</summary>
/// <param name="Backup">Which.</param>
/// <param name="Verification">How it came out.</param>
/// <param name="Snapshot">All that the file tells; null when it cannot be read.</param>
public sealed record VerificationReport(BackupName Backup, Verification Verification, SnapshotReport? Snapshot);

using EtcdBackup.Catalog;

namespace EtcdBackup.Retention;

/// <summary>What is to become of one backup, and why.</summary>
/// <param name="Backup">Which.</param>
/// <param name="Keep">Whether it stays.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record RetentionDecision(BackupName Backup, bool Keep, string Reason);

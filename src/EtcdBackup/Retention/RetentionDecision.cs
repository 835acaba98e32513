using EtcdBackup.Catalog;

namespace EtcdBackup.Retention;

/// <summary>What the rules decide for one backup, and why.</summary>
/// <param name="Backup">The backup.</param>
/// <param name="Keep">Whether it stays.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record RetentionDecision(BackupName Backup, bool Keep, string Reason);

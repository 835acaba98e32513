using EtcdBackup.Catalog;

namespace EtcdBackup.Grains;

/// <summary>The answer to "back up now".</summary>
/// <param name="Outcome">How the run ended.</param>
/// <param name="Backup">The new backup, or the existing one if nothing changed; null if the run failed.</param>
public sealed record BackupNowReply(RunOutcome Outcome, BackupEntry? Backup);

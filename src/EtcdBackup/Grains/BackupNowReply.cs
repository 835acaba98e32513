using EtcdBackup.Catalog;

namespace EtcdBackup.Grains;

/// <summary>The answer to "back up now".</summary>
/// <param name="Outcome">How the run ended.</param>
/// <param name="Backup">The backup that stands, when it succeeded or was not needed.</param>
public sealed record BackupNowReply(RunOutcome Outcome, BackupEntry? Backup);

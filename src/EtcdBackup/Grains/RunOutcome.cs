using EtcdBackup.Catalog;

namespace EtcdBackup.Grains;

/// <summary>The record of one run.</summary>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Message">What went wrong, in one sentence; null when nothing did.</param>
/// <param name="Backup">The new backup, or the existing one if nothing changed; null if the run failed.</param>
public sealed record RunOutcome(DateTimeOffset StartedAt, double Seconds, RunResult Result, string? Message, BackupName? Backup);

using EtcdBackup.Catalog;

namespace EtcdBackup.Grains;

/// <summary>One run, for the history.</summary>
/// <param name="StartedAt">UTC.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Message">What went wrong, in one sentence; null when nothing did.</param>
/// <param name="Backup">The backup that stands after it; null when the run failed.</param>
public sealed record RunOutcome(DateTimeOffset StartedAt, double Seconds, RunResult Result, string? Message, BackupName? Backup);

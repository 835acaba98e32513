namespace EtcdBackup.Cli.Checking;

/// <summary>What the backups of a cluster must be like.</summary>
/// <param name="MaxAge">The longest time since a backup succeeded, or was found to be up to date.</param>
/// <param name="MinCount">The least number of stored backups.</param>
/// <param name="MinSize">The least size of the latest, in MB.</param>
internal sealed record Limits(TimeSpan MaxAge, int MinCount, double MinSize);

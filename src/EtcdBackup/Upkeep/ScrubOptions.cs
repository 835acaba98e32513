namespace EtcdBackup.Upkeep;

/// <summary>How stored backups are scrubbed.</summary>
/// <param name="Interval">How often each backup is read; zero: never.</param>
/// <param name="BytesPerSecond">The highest speed.</param>
public sealed record ScrubOptions(TimeSpan Interval, double BytesPerSecond);

namespace EtcdBackup.Upkeep;

/// <summary>How stored backups are read again and again.</summary>
/// <param name="Interval">Each one so often; zero: never.</param>
/// <param name="BytesPerSecond">At most so fast.</param>
public sealed record ScrubOptions(TimeSpan Interval, double BytesPerSecond);

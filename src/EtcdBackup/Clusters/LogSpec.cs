namespace EtcdBackup.Clusters;

/// <summary>
/// The change log of a cluster: with it every revision since a backup can be brought back, not only those of the backups.
/// </summary>
public sealed record LogSpec
{
    /// <summary>The seconds that <see cref="SealInSecond"/> may have.</summary>
    public const int LongestSealInSecond = 3600;

    /// <summary>The megabytes that <see cref="SealInMB"/> may have.</summary>
    public const int LargestSealInMB = 64;

    private static readonly TimeSpan DefaultKeep = TimeSpan.FromHours(72);

    /// <summary>Whether the changes of the cluster are recorded.</summary>
    public bool Enabled { get; init; }

    /// <summary>
    /// Changes are in the store after at most this many seconds: what is lost when the cluster and the service end at once.
    /// </summary>
    public int SealInSecond { get; init; } = 10;

    /// <summary>Changes are stored earlier if they have this many MB (1 048 576 bytes).</summary>
    public int SealInMB { get; init; } = 8;

    /// <summary>How far back every revision is kept: a number with s, m, h or d; empty: 72 hours.</summary>
    public string Keep { get; init; } = "";

    /// <summary>At most this many MB of changes in the store; the oldest go first. 0: no limit.</summary>
    public int MaxSizeInMB { get; init; }

    /// <summary><see cref="Keep"/> as a time.</summary>
    public TimeSpan KeepFor => Durations.TryGet(Keep, out var time) ? time ?? DefaultKeep : DefaultKeep;

    /// <summary>What is wrong with it, in words.</summary>
    internal IEnumerable<string> Problems()
    {
        if (SealInSecond is < 1 or > LongestSealInSecond)
        {
            yield return $"backup.log.sealInSecond is {SealInSecond}: allowed are 1 to {LongestSealInSecond}";
        }

        if (SealInMB is < 1 or > LargestSealInMB)
        {
            yield return $"backup.log.sealInMB is {SealInMB}: allowed are 1 to {LargestSealInMB}";
        }

        if (!Durations.TryGet(Keep, out var keep) || keep <= TimeSpan.Zero)
        {
            yield return $"backup.log.keep is '{Keep}': write a number with s, m, h or d, e.g. 72h";
        }

        if (MaxSizeInMB < 0)
        {
            yield return $"backup.log.maxSizeInMB is {MaxSizeInMB}: allowed are 0 (no limit) and more";
        }
    }
}

namespace EtcdBackup.Clusters;

/// <summary>
/// Which backups to keep. The keep rules have restic's meaning: each keeps the newest backup of each of the latest N hours, days, … that
/// have one, and a backup stays if any rule keeps it. Without a keep rule all stay. The limits then remove from that.
/// </summary>
public sealed record RetentionSpec
{
    /// <summary>How many of the newest to keep.</summary>
    public int KeepLast { get; init; }

    /// <summary>One for each of the latest N hours that have one (UTC).</summary>
    public int KeepHourly { get; init; }

    /// <summary>One for each of the latest N days that have one (UTC).</summary>
    public int KeepDaily { get; init; }

    /// <summary>One for each of the latest N weeks that have one (ISO 8601, from Monday).</summary>
    public int KeepWeekly { get; init; }

    /// <summary>One for each of the latest N months that have one.</summary>
    public int KeepMonthly { get; init; }

    /// <summary>None older than this: a number with s, m, h or d, e.g. <c>720h</c>; empty: no limit.</summary>
    public string MaxAge { get; init; } = "";

    /// <summary>At most this many MB (1 048 576 bytes) in all; 0: no limit.</summary>
    public int MaxSizeInMB { get; init; }

    /// <summary>
    /// How long the newest sound backup of an earlier lineage stays beside the rules: a number with s, m, h or d; empty: 30 days. Counted
    /// from when the next lineage was first seen.
    /// </summary>
    public string KeepEarlierLineages { get; init; } = "";

    /// <summary>Whether any keep rule is set.</summary>
    internal bool HasKeepRule => KeepLast + (long)KeepHourly + KeepDaily + KeepWeekly + KeepMonthly > 0;

    /// <summary><see cref="KeepEarlierLineages"/> as a time; null when it is not set.</summary>
    internal TimeSpan? KeepEarlierLineagesFor => Durations.TryGet(KeepEarlierLineages, out var time) ? time : null;

    /// <summary>Reads <see cref="MaxAge"/>.</summary>
    /// <returns>False if it is not a duration.</returns>
    internal bool TryGetMaxAge(out TimeSpan? age) => Durations.TryGet(MaxAge, out age) && (age is null || age > TimeSpan.Zero);

    /// <summary>What is wrong with it, in words.</summary>
    internal IEnumerable<string> Problems()
    {
        foreach (var (name, value) in new[]
        {
            ("keepLast", KeepLast), ("keepHourly", KeepHourly), ("keepDaily", KeepDaily), ("keepWeekly", KeepWeekly),
                ("keepMonthly", KeepMonthly), ("maxSizeInMB", MaxSizeInMB),
        })
        {
            if (value < 0)
            {
                yield return $"backup.retention.{name} is {value}: allowed are 0 (not set) and more";
            }
        }

        if (!TryGetMaxAge(out _))
        {
            yield return $"backup.retention.maxAge is '{MaxAge}': write a number with s, m, h or d, e.g. 720h or 30d";
        }

        if (!Durations.TryGet(KeepEarlierLineages, out _))
        {
            yield return $"backup.retention.keepEarlierLineages is '{KeepEarlierLineages}': write a number with s, m, h or d, e.g. 30d";
        }
    }
}

using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Retention;

/// <summary>What is to become of one backup, and why.</summary>
/// <param name="Backup">Which.</param>
/// <param name="Keep">Whether it stays.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record RetentionDecision(BackupName Backup, bool Keep, string Reason);

/// <summary>Decides which backups may go; pure. The newest sound backup of the current history always stays.</summary>
public static class RetentionPolicy
{
    /// <summary>Decides on every backup, newest first.</summary>
    /// <param name="entries">All backups of one cluster.</param>
    /// <param name="spec">Its rules.</param>
    /// <param name="now">The time that ages are counted from, UTC.</param>
    public static IReadOnlyList<RetentionDecision> Decide(IReadOnlyCollection<BackupEntry> entries, BackupSpec spec, DateTimeOffset now)
    {
        var sound = BackupOrder.NewestFirst(entries.Where(e => e.IsSound));
        var kept = KeptByRules(sound, spec.Retention);
        var decisions = new List<RetentionDecision>();
        var (count, bytes) = (0, 0L);
        foreach (var entry in sound)
        {
            var isLatest = decisions.Count == 0;
            var limit = isLatest ? null : Limit(entry, spec, now, count, bytes);
            var keep = isLatest || (limit is null && kept.ContainsKey(entry.Name));
            (count, bytes) = keep ? (count + 1, bytes + entry.StoredSize) : (count, bytes);
            decisions.Add(new RetentionDecision(entry.Name, keep, isLatest
                ? "the latest sound backup always stays"
                : limit ?? (keep ? kept[entry.Name] : "no keep rule holds it")));
        }

        return [.. decisions, .. entries.Where(e => !e.IsSound).Select(e => new RetentionDecision(e.Name, true, "damaged: it neither counts nor goes by itself"))];
    }

    private static string? Limit(BackupEntry entry, BackupSpec spec, DateTimeOffset now, int count, long bytes)
    {
        if (spec.MaxBackups > 0 && count >= spec.MaxBackups)
        {
            return string.Create(CultureInfo.InvariantCulture, $"beyond maxBackups {spec.MaxBackups}");
        }

        if (spec.Retention is not { } retention)
        {
            return null;
        }

        if (retention.TryGetMaxAge(out var age) && age is not null && now - entry.CreationTime > age)
        {
            return $"older than maxAge {retention.MaxAge}";
        }

        return retention.MaxSizeInMB > 0 && bytes + entry.StoredSize > retention.MaxSizeInMB * 1024L * 1024
            ? string.Create(CultureInfo.InvariantCulture, $"beyond maxSizeInMB {retention.MaxSizeInMB}")
            : null;
    }

    private static Dictionary<BackupName, string> KeptByRules(IReadOnlyList<BackupEntry> newestFirst, RetentionSpec? rules)
    {
        if (rules is null || !rules.HasKeepRule)
        {
            return newestFirst.ToDictionary(e => e.Name, _ => "nothing says that it should go");
        }

        var kept = new Dictionary<BackupName, List<string>>();
        Apply("keepLast", rules.KeepLast, e => e.Name.ToString());
        Apply("keepHourly", rules.KeepHourly, e => e.CreationTime.UtcDateTime.ToString("yyyy-MM-dd HH", CultureInfo.InvariantCulture));
        Apply("keepDaily", rules.KeepDaily, e => e.CreationTime.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Apply("keepWeekly", rules.KeepWeekly, e => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(e.CreationTime.UtcDateTime)} {ISOWeek.GetWeekOfYear(e.CreationTime.UtcDateTime)}"));
        Apply("keepMonthly", rules.KeepMonthly, e => e.CreationTime.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture));
        return kept.ToDictionary(k => k.Key, k => "kept by " + string.Join(", ", k.Value));

        // By time: the newest of each period stays, for the latest so many periods that have one.
        void Apply(string rule, int count, Func<BackupEntry, string> period)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var entry in newestFirst.OrderByDescending(e => e.CreationTime).ThenByDescending(e => e.Revision).ThenBy(e => e.Name.ToString(), StringComparer.Ordinal))
            {
                if (seen.Count < count && seen.Add(period(entry)))
                {
                    if (!kept.TryGetValue(entry.Name, out var reasons))
                    {
                        kept[entry.Name] = reasons = [];
                    }

                    reasons.Add(rule);
                }
            }
        }
    }
}

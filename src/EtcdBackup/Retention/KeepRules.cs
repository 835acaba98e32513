using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Retention;

/// <summary>
/// The keep rules, with restic's meaning: each keeps the newest backup of as many periods as it says that have one; pure.
/// </summary>
internal static class KeepRules
{
    /// <summary>What the rules keep, each with the rules that keep it.</summary>
    /// <param name="newestFirst">The sound backups.</param>
    /// <param name="rules">The rules; without any, all stay.</param>
    public static Dictionary<BackupName, string> Apply(IReadOnlyList<BackupEntry> newestFirst, RetentionSpec? rules)
    {
        if (rules is null || !rules.HasKeepRule)
        {
            return newestFirst.ToDictionary(e => e.Name, _ => "nothing says that it should go");
        }

        var kept = new Dictionary<BackupName, List<string>>();
        Keep("keepLast", rules.KeepLast, e => e.Name.ToString());
        Keep("keepHourly", rules.KeepHourly, e => Format(e, "yyyy-MM-dd HH"));
        Keep("keepDaily", rules.KeepDaily, e => Format(e, "yyyy-MM-dd"));
        Keep("keepWeekly", rules.KeepWeekly, Week);
        Keep("keepMonthly", rules.KeepMonthly, e => Format(e, "yyyy-MM"));
        return kept.ToDictionary(k => k.Key, k => "kept by " + string.Join(", ", k.Value));

        void Keep(string rule, int count, Func<BackupEntry, string> period)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var entry in ByTime(newestFirst).Where(e => seen.Count < count && seen.Add(period(e))))
            {
                if (!kept.TryGetValue(entry.Name, out var reasons))
                {
                    kept[entry.Name] = reasons = [];
                }

                reasons.Add(rule);
            }
        }
    }

    private static IEnumerable<BackupEntry> ByTime(IReadOnlyList<BackupEntry> entries) => entries
        .OrderByDescending(e => e.CreationTime).ThenByDescending(e => e.Revision).ThenBy(e => e.Name.ToString(), StringComparer.Ordinal);

    private static string Format(BackupEntry e, string format) => e.CreationTime.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    private static string Week(BackupEntry e) => string.Create(
        CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(e.CreationTime.UtcDateTime)} {ISOWeek.GetWeekOfYear(e.CreationTime.UtcDateTime)}");
}

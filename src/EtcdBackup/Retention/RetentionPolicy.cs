using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Retention;

/// <summary>
/// Decides which backups may go; pure. The newest sound backup of the current lineage always stays. That of each earlier lineage stays for
/// a time, outside all rules: backups of a recreated cluster must not displace the old one's. So do those that a change log goes on from.
/// </summary>
internal static class RetentionPolicy
{
    /// <summary>How long the newest sound backup of an earlier lineage stays, when the spec does not say.</summary>
    public static readonly TimeSpan DefaultKeepEarlierLineages = TimeSpan.FromDays(30);

    /// <summary>Decides on every backup, newest first.</summary>
    /// <param name="entries">All backups of one cluster.</param>
    /// <param name="spec">Its rules.</param>
    /// <param name="now">The time that ages are counted from, UTC.</param>
    /// <param name="isAnchored">Whether the change log goes on from a backup; null: unknown.</param>
    public static IReadOnlyList<RetentionDecision> Decide(
        IReadOnlyCollection<BackupEntry> entries, BackupSpec spec, DateTimeOffset now, Func<BackupEntry, bool>? isAnchored = null)
    {
        var sound = BackupOrder.NewestFirst(entries.Where(e => e.IsSound));
        var beyondRules = NewestOfEarlierLineages(
            sound, entries, spec.Retention?.KeepEarlierLineagesFor ?? DefaultKeepEarlierLineages, now);
        foreach (var (backup, reason) in LogRule.Apply(sound, spec.Log, isAnchored ?? (_ => true), now))
        {
            beyondRules.TryAdd(backup, reason);
        }

        var ruled = sound.Where(e => !beyondRules.ContainsKey(e.Name)).ToList();
        var kept = KeepRules.Apply(ruled, spec.Retention);
        var decisions = new List<RetentionDecision>();
        var (count, bytes) = (0, 0L);
        foreach (var entry in sound)
        {
            if (beyondRules.TryGetValue(entry.Name, out var why))
            {
                decisions.Add(new RetentionDecision(entry.Name, true, why));
                continue;
            }

            var isLatest = entry == sound[0];
            var limit = Limit(entry, spec, now, count, bytes);
            var keep = isLatest || (limit is null && kept.ContainsKey(entry.Name));
            (count, bytes) = keep ? (count + 1, bytes + entry.StoredSize) : (count, bytes);
            decisions.Add(new RetentionDecision(entry.Name, keep, isLatest
                ? "the latest sound backup always stays"
                : limit ?? (keep ? kept[entry.Name] : "no keep rule holds it")));
        }

        return [.. decisions,
            .. entries.Where(e => !e.IsSound)
            .Select(e => new RetentionDecision(e.Name, true, "damaged: it neither counts nor goes by itself"))];
    }

    /// <summary>
    /// The backup that has to stay when another is removed by rule: the newest sound one of its lineage, or, if that is the removed one
    /// itself, the latest.
    /// </summary>
    public static BackupEntry NewestBeside(IReadOnlyCollection<BackupEntry> entries, BackupEntry doomed)
    {
        var sound = BackupOrder.NewestFirst(entries.Where(e => e.IsSound));
        var newest = sound.First(e => LineageOf(e) == LineageOf(doomed));
        return newest == doomed ? sound[0] : newest;
    }

    /// <summary>
    /// The backups that may be removed by rule only because this one stays: those for which it is <see cref="NewestBeside"/>.
    /// </summary>
    public static IEnumerable<BackupEntry> RelyingOn(IReadOnlyCollection<BackupEntry> entries, BackupEntry staying)
    {
        var sound = BackupOrder.NewestFirst(entries.Where(e => e.IsSound));
        return sound.FirstOrDefault(e => LineageOf(e) == LineageOf(staying)) != staying ? []
            : sound.Where(e => e != staying && (sound[0] == staying || LineageOf(e) == LineageOf(staying)));
    }

    private static IEnumerable<BackupEntry> NewestOfEachLineage(IEnumerable<BackupEntry> sound) =>
        sound.GroupBy(LineageOf).Select(g => g.First());

    // Two silos that do not see each other may begin two lineages with one incarnation. Without metadata only the tag in the name
    // distinguishes lineages.
    private static (int Incarnation, string ClusterId, string Tag) LineageOf(BackupEntry entry) => entry.Incarnation == 0
        ? (0, "", entry.Name.Tag)
        : (entry.Incarnation, entry.Metadata!.Lineage.ClusterId, entry.Metadata.Lineage.Tag);

    private static Dictionary<BackupName, string> NewestOfEarlierLineages(
        IReadOnlyList<BackupEntry> sound, IReadOnlyCollection<BackupEntry> all, TimeSpan keep, DateTimeOffset now)
    {
        var result = new Dictionary<BackupName, string>();
        foreach (var newest in NewestOfEachLineage(sound).Skip(1))
        {
            var until = EndOf(newest, all) + keep;
            if (now < until)
            {
                result[newest.Name] = string.Create(
                    CultureInfo.InvariantCulture, $"the newest of an earlier lineage stays until {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
            }
        }

        return result;
    }

    // A lineage ended when the next one began. The age of its backups says nothing: an idle cluster's only backup may be old.
    // Only if the lineage is lost with the metadata, the object's age counts.
    private static DateTimeOffset EndOf(BackupEntry newest, IReadOnlyCollection<BackupEntry> all)
    {
        var next = all.Where(e => e.Incarnation > newest.Incarnation).Select(e => e.Metadata?.Lineage.Since ?? e.CreationTime)
            .DefaultIfEmpty(newest.StoredAt).Min();
        return newest.Incarnation == 0 && newest.StoredAt > next ? newest.StoredAt : next;
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

        if (retention.TryGetMaxAge(out var age) && now - entry.CreationTime > age)
        {
            return $"older than maxAge {retention.MaxAge}";
        }

        return retention.MaxSizeInMB > 0 && bytes + entry.StoredSize > retention.MaxSizeInMB * 1024L * 1024
            ? string.Create(CultureInfo.InvariantCulture, $"beyond maxSizeInMB {retention.MaxSizeInMB}")
            : null;
    }
}

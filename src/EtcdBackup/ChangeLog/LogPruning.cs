using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// Decides what of a change log may go; pure. A window stays whole: it begins with a backup, and nothing after that goes.
/// </summary>
internal static class LogPruning
{
    // A listing can be late: what another silo just began is not yet seen whole.
    private static readonly TimeSpan Young = TimeSpan.FromHours(1);

    /// <summary>The segments and anchors that may go.</summary>
    /// <param name="log">The change log.</param>
    /// <param name="backups">The backups.</param>
    /// <param name="spec">How much is kept.</param>
    /// <param name="now">The time, UTC.</param>
    public static (IReadOnlyList<SegmentName> Segments, IReadOnlyList<AnchorName> Anchors) Decide(
        LogListing log, IReadOnlyCollection<BackupEntry> backups, LogSpec spec, DateTimeOffset now)
    {
        var paths = LogPaths.Of(log, backups);
        var needed = NeededSince(paths, now - spec.KeepFor)
            .SelectMany(p => p.Segments.Where(s => s.Last > p.Base.Revision)).ToHashSet();
        var led = paths.SelectMany(p => p.Segments).ToHashSet();
        var segments = log.Segments.Where(s => !needed.Contains(s) && (led.Contains(s) || s.LastAt < now - Young)).ToList();
        segments.AddRange(BeyondSize(paths, needed, spec));

        // Whatever ends the removal midway, what is left has no hole.
        segments.Sort((a, b) => a.First.CompareTo(b.First));
        var left = log.Segments.Except(segments).Select(s => s.Stream).ToHashSet();
        var known = backups.Where(b => b.Metadata is { Sha256.Length: > 0 })
            .Select(b => b.Metadata!.Sha256[..AnchorName.Sha256Digits]).ToHashSet();
        return (segments, [.. log.Anchors.Where(a => !known.Contains(a.Sha256) && !left.Contains(a.Stream))]);
    }

    // Each path from the newest backup that is old enough on; of an earlier lineage all that is young enough.
    private static IEnumerable<LogPath> NeededSince(IReadOnlyList<LogPath> paths, DateTimeOffset since) => paths
        .GroupBy(p => p.Base.Incarnation)
        .SelectMany(lineage =>
        {
            var first = lineage.Where(p => p.Base.CreationTime <= since).Select(p => p.Base.Revision).DefaultIfEmpty(0).Max();
            var newest = paths[0].Base;
            return lineage.Where(p => p.Base.Revision >= first && (p.LastAt > since || p.Base == newest));
        });

    // The oldest go first, up to a backup, so that no hole comes about.
    private static IEnumerable<SegmentName> BeyondSize(IReadOnlyList<LogPath> paths, HashSet<SegmentName> needed, LogSpec spec)
    {
        var most = spec.MaxSizeInMB * 1024L * 1024;
        var size = needed.Sum(s => (long)s.Size);
        if (most == 0 || size <= most)
        {
            return [];
        }

        foreach (var start in paths.Select(p => p.Base).DistinctBy(b => b.Name).OrderBy(b => b.Incarnation).ThenBy(b => b.Revision))
        {
            var kept = paths.Where(p => (p.Base.Incarnation, p.Base.Revision).CompareTo((start.Incarnation, start.Revision)) >= 0)
                .SelectMany(p => p.Segments.Where(s => s.Last > p.Base.Revision)).Where(needed.Contains).ToHashSet();
            if (kept.Sum(s => (long)s.Size) <= most)
            {
                return needed.Except(kept);
            }
        }

        // Not even what came since the latest backup fits: it stays, for it is all that there is.
        return [];
    }
}

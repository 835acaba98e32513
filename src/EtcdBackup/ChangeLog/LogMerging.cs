namespace EtcdBackup.ChangeLog;

/// <summary>
/// Decides which segments become one, so that a list of them stays short: those of ten minutes, and later those of six hours; pure.
/// </summary>
internal static class LogMerging
{
    private static readonly TimeSpan[] Levels = [TimeSpan.FromMinutes(10), TimeSpan.FromHours(6)];

    // Another silo may still be at it, and a reader may have listed them just now.
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    /// <summary>The next segments to be merged, in order; none if there is nothing to do.</summary>
    /// <param name="log">The change log.</param>
    /// <param name="paths">The paths: of two silos that wrote at once, only what leads further is merged.</param>
    /// <param name="largest">Bytes that a merged segment may have, uncompressed.</param>
    /// <param name="now">The time, UTC.</param>
    public static IReadOnlyList<SegmentName> Next(
        LogListing log, IEnumerable<LogPath> paths, long largest, DateTimeOffset now)
    {
        var led = paths.SelectMany(p => p.Segments).Distinct().Where(s => s.CaughtUpAt == DateTimeOffset.UnixEpoch).ToList();
        foreach (var level in Levels)
        {
            foreach (var window in led.Where(s => EndOf(s.LastAt, level) + Rest < now)
                .GroupBy(s => (s.Stream, EndOf(s.LastAt, level))))
            {
                if (Run(log, [.. window.OrderBy(s => s.First)], largest) is { Count: > 1 } run)
                {
                    return run;
                }
            }
        }

        return [];
    }

    private static DateTimeOffset EndOf(DateTimeOffset time, TimeSpan level) =>
        new(((time.UtcTicks / level.Ticks) + 1) * level.Ticks, TimeSpan.Zero);

    private static List<SegmentName> Run(LogListing log, SegmentName[] segments, long largest)
    {
        var run = new List<SegmentName>();
        var size = 0L;
        foreach (var segment in segments)
        {
            // Where another branch begins, it would lose what it begins at.
            var follows = run is [.., var last] && last.Last + 1 == segment.First && last.After == segment.Before &&
                !log.Segments.Any(s => s != segment && s.Stream == last.Stream && s.First == segment.First && s.Before == last.After);
            if (follows && size + segment.Size <= largest)
            {
                run.Add(segment);
                size += segment.Size;
            }
            else if (run.Count > 1)
            {
                break;
            }
            else
            {
                run = [segment];
                size = segment.Size;
            }
        }

        return run;
    }
}

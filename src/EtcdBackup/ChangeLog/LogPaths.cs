using EtcdBackup.Catalog;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// Finds, among the backups and segments of a cluster, what goes on without a gap; pure. Segments follow each other if the second begins
/// with the next revision and with the chain value that the first ends with: two silos that wrote at once each have a chain of their own.
/// </summary>
internal static class LogPaths
{
    /// <summary>The longest path of each backup that a stream is anchored in, the newest first.</summary>
    /// <param name="log">The change log.</param>
    /// <param name="backups">The backups; those that are not sound give no path.</param>
    public static IReadOnlyList<LogPath> Of(LogListing log, IEnumerable<BackupEntry> backups)
    {
        var bySha = backups.Where(b => b is { IsSound: true, Metadata.Sha256.Length: > 0 })
            .ToLookup(b => b.Metadata!.Sha256[..AnchorName.Sha256Digits]);
        var streams = log.Segments.GroupBy(s => s.Stream).ToDictionary(s => s.Key, s => new Stream([.. s], EndOf(log, s.Key)));
        return [.. log.Anchors.Where(a => a.Kind == AnchorKind.Base)
            .SelectMany(a => bySha[a.Sha256].Where(b => b.Revision == a.Revision).Take(1), (a, b) => (a.Stream, b))
            .Select(a => (Base: a.b, a.Stream, End: EndOf(log, a.Stream)))
            .Where(a => a.Base.Revision <= a.End)
            .Select(a => new LogPath(
                a.Base, a.Stream, streams.GetValueOrDefault(a.Stream)?.From(a.Base.Revision + 1) ?? [], a.End))
            .OrderByDescending(p => p.Base.Incarnation).ThenByDescending(p => p.Base.Revision).ThenByDescending(p => p.Last)];
    }

    /// <summary>
    /// The path that gives the revision with the fewest segments, cut to them; null if none does. Of several lineages the newest one's,
    /// and of several streams the one that was written last: a cluster that is restored to its latest backup keeps its lineage.
    /// </summary>
    public static LogPath? To(long revision, IEnumerable<LogPath> paths) => paths
        .Where(p => p.Base.Revision <= revision && revision <= p.Last)
        .Select(p => (p.LastAt, Cut: p with { Segments = [.. p.Segments.Where(s => s.First <= revision)] }))
        .OrderByDescending(p => p.Cut.Base.Incarnation).ThenByDescending(p => p.LastAt)
        .ThenBy(p => p.Cut.Segments.Sum(s => (long)s.Size)).Select(p => p.Cut).FirstOrDefault();

    // What a stream recorded after a backup that it does not agree with, nobody vouches for, back to the last one that it agreed with.
    private static long EndOf(LogListing log, string stream)
    {
        var anchors = log.Anchors.Where(a => a.Stream == stream).ToList();
        var end = anchors.Where(a => a.Kind == AnchorKind.End).Select(a => a.Revision).DefaultIfEmpty(long.MaxValue).Min();
        var differs = anchors.Where(a => a.Kind == AnchorKind.Differs).Select(a => a.Revision).DefaultIfEmpty(long.MaxValue).Min();
        return differs == long.MaxValue ? end : Math.Min(end, anchors.Where(a => a.Kind == AnchorKind.Base && a.Revision < differs)
            .Select(a => a.Revision).DefaultIfEmpty(0).Max());
    }

    /// <summary>The segments of a stream, each with the one that leads furthest from it.</summary>
    private sealed class Stream
    {
        private readonly SegmentName[] _newestFirst;
        private readonly long _end;
        private readonly Dictionary<SegmentName, (SegmentName? Next, long Reach, int Count)> _onward = [];

        public Stream(SegmentName[] segments, long end)
        {
            _end = end;
            _newestFirst = [.. segments.Where(s => s.First <= end).OrderByDescending(s => s.First)];
            var best = new Dictionary<(long First, string Before), SegmentName>();
            foreach (var segment in _newestFirst)
            {
                SegmentName? next = best.TryGetValue((segment.Last + 1, segment.After), out var follower) ? follower : null;
                var (reach, count) = next is { } n ? (_onward[n].Reach, _onward[n].Count + 1) : (segment.Last, 1);
                _onward[segment] = (next, reach, count);
                var place = (segment.First, segment.Before);
                if (!best.TryGetValue(place, out var rival) || IsBetter(segment, rival))
                {
                    best[place] = segment;
                }
            }
        }

        /// <summary>The segments that lead furthest from a revision, which the first of them has.</summary>
        public List<SegmentName> From(long revision)
        {
            SegmentName? at = null;
            foreach (var segment in _newestFirst.Where(s => s.First <= revision && revision <= Math.Min(s.Last, _end)))
            {
                at = at is not { } rival || IsBetter(segment, rival) ? segment : rival;
            }

            var path = new List<SegmentName>();
            for (; at is { } segment; at = _onward[segment].Next)
            {
                path.Add(segment);
            }

            return path;
        }

        private bool IsBetter(SegmentName one, SegmentName other) =>
            (_onward[one].Reach, -_onward[one].Count).CompareTo((_onward[other].Reach, -_onward[other].Count)) > 0;
    }
}

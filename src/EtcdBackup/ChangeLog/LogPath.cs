using EtcdBackup.Catalog;

namespace EtcdBackup.ChangeLog;

/// <summary>A backup, and the segments that go on from it without a gap.</summary>
/// <param name="Base">The backup.</param>
/// <param name="Stream">The stream of the segments.</param>
/// <param name="Segments">The segments, in order. The first may begin before the backup.</param>
/// <param name="End">What the segments have beyond this revision counts for nothing.</param>
internal sealed record LogPath(BackupEntry Base, string Stream, IReadOnlyList<SegmentName> Segments, long End = long.MaxValue)
{
    /// <summary>The last revision that it gives.</summary>
    public long Last => Segments is [.., var last] ? Math.Min(last.Last, End) : Base.Revision;

    /// <summary>When that came, UTC.</summary>
    public DateTimeOffset LastAt => Segments is [.., var last] ? last.LastAt : Base.CreationTime;
}

using EtcdBackup.Snapshots.Log;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Snapshots.Log;

public sealed class SegmentMergerTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_merged_segment_has_the_same_events_and_the_next_one_still_follows_it()
    {
        var first = Changes.Segment(2, 4);
        var second = Changes.Segment(5, 5, first);
        var third = Changes.Segment(6, 9, second);
        var next = Changes.Segment(10, 10, third);
        var (merged, header) = Merge(first.Bytes, second.Bytes, third.Bytes);
        Assert.Equal((2, 9, 2000, 9000, 8, "base.backup"), (
            header.FirstRevision, header.LastRevision, header.FirstTimeMs, header.LastTimeMs, header.Events, header.Base));
        Assert.Equal(Changes.Read(first.Bytes, second.Bytes, third.Bytes), Changes.Read(merged));
        Assert.Equal(9, Changes.Read(merged, next.Bytes).Count);

        // In steps it is the same.
        Assert.Equal(merged, Merge(Merge(first.Bytes, second.Bytes).Bytes, third.Bytes).Bytes);
        Assert.Equal(9, Changes.Read(Merge(first.Bytes, second.Bytes).Bytes, Merge(third.Bytes, next.Bytes).Bytes).Count);
    }

    [Fact]
    public void One_alone_stays_what_the_next_one_follows()
    {
        var first = Changes.Segment(2, 4);
        var (merged, _) = Merge(first.Bytes);
        Assert.Equal(4, Changes.Read(merged, Changes.Segment(5, 5, first).Bytes).Count);
    }

    [Fact]
    public void What_does_not_follow_is_not_merged()
    {
        var first = Changes.Segment(2, 4);
        Assert.Throws<ChangeLogException>(() => Merge(first.Bytes, Changes.Segment(5, 5).Bytes));
        Assert.Throws<ChangeLogException>(() => Merge(first.Bytes[..^3]));
        Assert.Throws<ChangeLogException>(() => Merge());
    }

    private (byte[] Bytes, SegmentHeader Header) Merge(params byte[][] segments)
    {
        var paths = segments.Select((s, i) =>
        {
            File.WriteAllBytes(_scratch[$"{i}"], s);
            return _scratch[$"{i}"];
        }).ToArray();
        using var target = new MemoryStream();
        var header = SegmentMerger.Merge(() => SegmentFiles.Open(paths), target, default);
        return (target.ToArray(), header);
    }
}

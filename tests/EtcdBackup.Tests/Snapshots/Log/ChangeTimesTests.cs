using EtcdBackup.Snapshots.Log;

namespace EtcdBackup.Tests.Snapshots.Log;

public class ChangeTimesTests
{
    [Theory]
    [InlineData(999, null)]
    [InlineData(1000, 2L)]
    [InlineData(2000, 2L)]
    [InlineData(2999, 2L)]
    [InlineData(3000, 4L)]
    [InlineData(99999, 5L)]
    public void A_revision_is_there_when_its_last_event_is(long timeMs, long? expected)
    {
        using var reader = Log();
        Assert.Equal(expected, ChangeTimes.RevisionAt(reader, timeMs));
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, 1000L)]
    [InlineData(3, 3000L)]
    [InlineData(4, 3000L)]
    [InlineData(5, 4000L)]
    [InlineData(6, null)]
    public void The_time_of_a_revision_is_that_of_its_last_event(long revision, long? expected)
    {
        using var reader = Log();
        Assert.Equal(expected, ChangeTimes.TimeOf(reader, revision));
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_undo_what_had_come()
    {
        var writer = new SegmentWriter(2);
        foreach (var (revision, time) in new[] { (2, 5000), (3, 9000), (4, 6000) })
        {
            writer.BeginBatch(time);
            writer.Add(isDelete: false, Changes.Put(revision));
            writer.EndBatch();
        }

        var segment = writer.Finish(Changes.Origin);
        Assert.Equal((5000, 9000), (segment.Header.FirstTimeMs, segment.Header.LastTimeMs));
        using var reader = new ChangeReader(new MemoryStream(segment.Bytes));
        Assert.Equal(4, ChangeTimes.RevisionAt(reader, 7000));
    }

    // Revision 3 comes in two parts, the second with revision 4.
    private static ChangeReader Log()
    {
        var writer = new SegmentWriter(2);
        writer.BeginBatch(1000);
        writer.Add(isDelete: false, Changes.Put(2));
        writer.EndBatch();
        writer.BeginBatch(2000);
        writer.Add(isDelete: false, Changes.Put(3, "a"));
        writer.EndBatch(isFragment: true);
        writer.BeginBatch(3000);
        writer.Add(isDelete: false, Changes.Put(3, "b"));
        writer.Add(isDelete: false, Changes.Put(4));
        writer.EndBatch();
        var first = writer.Finish(Changes.Origin);
        writer.BeginBatch(4000);
        writer.Add(isDelete: false, Changes.Put(5));
        writer.EndBatch();
        return new ChangeReader(new MemoryStream([.. first.Bytes, .. writer.Finish(Changes.Origin with { Before = first.Sha256 }).Bytes]));
    }
}

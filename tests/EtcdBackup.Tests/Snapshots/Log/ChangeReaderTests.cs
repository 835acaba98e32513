using EtcdBackup.Snapshots.Log;

namespace EtcdBackup.Tests.Snapshots.Log;

public class ChangeReaderTests
{
    private static readonly SegmentHeader TwoToFour = new(1, "1", 2, 4, 7, 7, default, "base", 3, default);

    [Fact]
    public void Segments_that_follow_each_other_are_one_log()
    {
        var first = Changes.Segment(2, 4);
        var second = Changes.Segment(5, 5, first);
        Assert.Equal([2, 3, 4, 5, 6], Changes.Read(first.Bytes, second.Bytes, Changes.Segment(6, 6, second).Bytes).Select(s => s.Main));
        Assert.Empty(Changes.Read());
    }

    [Fact]
    public void What_follows_a_merged_segment_names_the_last_that_it_was_merged_from()
    {
        var first = Changes.Segment(2, 4);
        var second = Changes.Segment(5, 5, first);
        var whole = Changes.Segment(2, 5);
        var merged = Changes.Raw(
            whole.Header with { StandsFor = second.Sha256 }, [.. Enumerable.Range(2, 4).Select(r => Changes.Batch(r))]);
        var third = Changes.Segment(6, 6, second);
        Assert.Equal(5, Changes.Read(merged, third.Bytes).Count);
        CheckRefused("segment 6-6: its hash of the segment before", merged, Changes.Segment(6, 6, whole).Bytes);
    }

    [Fact]
    public void What_does_not_follow_is_refused()
    {
        var first = Changes.Segment(2, 4);
        CheckRefused("segment 6-6: it follows segment 2-4: the revisions between", first.Bytes, Changes.Segment(6, 6, first).Bytes);
        CheckRefused("segment 4-5: it does not come after segment 2-4", first.Bytes, Changes.Segment(4, 5, first).Bytes);
        CheckRefused("segment 2-4: it does not come after segment 2-4", first.Bytes, first.Bytes);
        CheckRefused("segment 5-5: its hash of the segment before is not that of segment 2-4", first.Bytes, Changes.Segment(5, 5).Bytes);
        foreach (var origin in new[] { Changes.Origin with { ClusterId = 9 }, Changes.Origin with { Incarnation = "4" } })
        {
            CheckRefused(
                "segment 5-5: it is of another history than segment 2-4", first.Bytes, Changes.Segment(5, 5, first, origin).Bytes);
        }
    }

    [Fact]
    public void Wherever_it_is_torn_it_is_refused()
    {
        var bytes = Changes.Segment(2, 9).Bytes;
        for (var length = 1; length < bytes.Length; length++)
        {
            Assert.Throws<ChangeLogException>(() => Changes.Read(bytes[..length]));
        }

        CheckRefused("it ends in the middle of a field", bytes[..^1]);
        CheckRefused("segment 2-9: it ends at revision 8, with 7 of 8 events", bytes[..^(Changes.Batch(9).Length + 3)]);
    }

    [Fact]
    public void A_revision_that_lost_its_end_is_missed()
    {
        var writer = new SegmentWriter(2);
        writer.BeginBatch(7);
        writer.Add(isDelete: false, Changes.Put(2, "a"));
        writer.EndBatch(isFragment: true);
        var one = writer.Size;
        writer.BeginBatch(7);
        writer.Add(isDelete: false, Changes.Put(2, "b"));
        writer.EndBatch();
        var rest = writer.Size - one;
        CheckRefused("segment 2-2: it ends at revision 2, with 1 of 2 events", writer.Finish(Changes.Origin).Bytes[..^rest]);
    }

    [Fact]
    public void A_hole_a_step_back_and_a_stranger_are_refused()
    {
        CheckRefused("after revision 2 comes 4: those between are missing", Changes.Raw(TwoToFour, Changes.Batch(2, 4)));
        CheckRefused("after revision 1 comes 3: those between", Changes.Raw(TwoToFour, Changes.Batch(3), Changes.Batch(4)));
        CheckRefused("revision 2 comes after 3", Changes.Raw(TwoToFour, Changes.Batch(2, 3), Changes.Batch(2)));
        CheckRefused("an event of revision 5", Changes.Raw(TwoToFour, Changes.Batch(2, 3, 4, 5)));
        CheckRefused("an event of revision 1", Changes.Raw(TwoToFour, Changes.Batch(1)));
        CheckRefused("it ends at revision 3, with 2 of 3 events", Changes.Raw(TwoToFour, Changes.Batch(2, 3)));
        CheckRefused("it ends at revision 3, with 3 of 3 events", Changes.Raw(TwoToFour, Changes.Batch(2, 2, 3)));
    }

    [Fact]
    public void An_event_that_is_none_is_refused()
    {
        CheckRefused("revision 2: an event of type 2", Changes.Raw(TwoToFour, Changes.Batch(Changes.Event(2, Changes.Put(2)))));
        CheckRefused("it has no KeyValue", Changes.Raw(TwoToFour, Changes.Batch(Changes.Event(0, null))));
        CheckRefused("it does not begin with its key", Changes.Raw(TwoToFour, Changes.Batch(Changes.Event(0, [0x18, 2]))));
        CheckRefused("the batch at byte", Changes.Raw(TwoToFour, [0x12, 0x7F]));
    }

    [Fact]
    public void Progress_beyond_the_last_event_means_that_events_are_missing()
    {
        byte[] progress = [0x08, 7, 0x20, 4];
        Assert.Equal(3, Changes.Read(Changes.Raw(TwoToFour, Changes.Batch(2, 3, 4), progress)).Count);
        CheckRefused("the cluster was at revision 4, and the last event is of 3", Changes.Raw(TwoToFour, Changes.Batch(2, 3), progress));
    }

    [Fact]
    public void What_is_no_segment_is_refused()
    {
        CheckRefused("it does not begin with the header of a segment", [0x12, 0]);
        CheckRefused("the log: no header follows at byte 0: its revisions are 0 to 0", [0x0A, 0]);
        CheckRefused("its revisions are 5 to 3", Changes.Raw(TwoToFour with { FirstRevision = 5, LastRevision = 3 }));
        CheckRefused("field 2 has the type 7", [0x17]);
        CheckRefused("a field of", [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
    }

    [Fact]
    public void Fields_of_a_later_version_are_skipped()
    {
        byte[] later = [0x78, 1, 0x7A, 2, 5, 6, 0x7D, 1, 2, 3, 4, 0x79, 1, 2, 3, 4, 5, 6, 7, 8];
        var raw = Changes.Raw(
            TwoToFour, [.. Changes.Batch(2), .. later], Changes.Batch([.. later, .. Changes.Event(0, Changes.Put(3))]),
            Changes.Batch(Changes.Event(0, [.. Changes.Put(4), .. later])));
        Assert.Equal([2, 3, 4], Changes.Read([.. raw, .. later]).Select(s => s.Main));
    }

    [Fact]
    public void Whatever_is_damaged_nothing_but_a_refusal_comes_of_it()
    {
        var first = Changes.Segment(2, 6);
        byte[] whole = [.. first.Bytes, .. Changes.Segment(7, 9, first).Bytes];
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var damaged = whole.ToArray();
            for (var flips = 1 + random.Next(3); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                Changes.Read(damaged[..(damaged.Length - (random.Next(4) == 0 ? random.Next(damaged.Length) : 0))]);
            }
            catch (ChangeLogException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 10_000, 20_000);
    }

    [Fact]
    public void Who_reads_on_after_the_end_is_told_the_same()
    {
        using var reader = new ChangeReader(new MemoryStream(Changes.Segment(2, 4).Bytes));
        while (reader.NextBatch())
        {
        }

        var whole = reader.Whole;
        Assert.False(reader.NextBatch());
        Assert.False(reader.NextEvent());
        Assert.Equal(whole, reader.Whole);
    }

    private static void CheckRefused(string told, params byte[][] segments) =>
        Assert.Contains(told, Assert.Throws<ChangeLogException>(() => Changes.Read(segments)).Message, StringComparison.Ordinal);
}

using System.Security.Cryptography;
using EtcdBackup.Snapshots.Log;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.Tests.Snapshots.Log;

public class SegmentWriterTests
{
    [Fact]
    public void What_was_written_is_read_back_with_sub_revisions_counted_over_batches()
    {
        var writer = new SegmentWriter(10);
        writer.BeginBatch(1000);
        writer.Add(isDelete: false, Changes.Put(10, "a", "x", lease: 77));
        writer.Add(isDelete: false, Changes.Put(11, "b"));
        writer.EndBatch(isFragment: true);
        Assert.True(writer.IsUnfinished);
        writer.BeginBatch(1005);
        writer.Add(isDelete: true, Changes.Deletion(11, "a"));
        writer.AddLease(new LeaseTtl(77, 60));
        writer.EndBatch();
        writer.BeginBatch(2000);
        writer.EndBatch(progress: 11);
        Assert.Equal((10, 11, false, false), (writer.FirstRevision, writer.LastRevision, writer.IsEmpty, writer.IsUnfinished));

        var segment = writer.Finish(Changes.Origin);
        Assert.Equal((12, true, 0), (writer.FirstRevision, writer.IsEmpty, writer.Size));
        Assert.Equal(SHA256.HashData(segment.Bytes), segment.Sha256);
        Assert.Equal((10, 11, 1000, 2000, 3), (
            segment.Header.FirstRevision, segment.Header.LastRevision, segment.Header.FirstTimeMs, segment.Header.LastTimeMs,
            segment.Header.Events));
        Assert.Equal(
        [
            new(1000, 10, 0, false, Convert.ToHexString(Changes.Put(10, "a", "x", 77)), 77),
            new(1000, 11, 0, false, Convert.ToHexString(Changes.Put(11, "b")), 0),
            new(1005, 11, 1, true, Convert.ToHexString(new KeyValue { Key = ByteString.CopyFromUtf8("a") }.ToByteArray()), 0),
        ], Changes.Read(segment.Bytes));
    }

    [Fact]
    public void Leases_progress_and_header_are_read_back()
    {
        var writer = new SegmentWriter(2);
        writer.BeginBatch(5);
        writer.Add(isDelete: false, Changes.Put(2));
        writer.AddLease(new LeaseTtl(long.MaxValue, 1));
        writer.AddLease(new LeaseTtl(-3, 2));
        writer.EndBatch(progress: 2);
        var segment = writer.Finish(Changes.Origin with { Before = new byte[32] });
        using var reader = new ChangeReader(new MemoryStream(segment.Bytes));
        Assert.Null(reader.Header);
        Assert.True(reader.NextBatch());
        Assert.Equal([new(long.MaxValue, 1), new(-3, 2)], reader.Leases);
        Assert.Equal(2, reader.Progress);
        Assert.True(reader.NextEvent());
        Assert.Equal("k"u8, reader.Key);
        Assert.False(reader.NextBatch());
        var header = reader.Header!;
        Assert.Equal((0xC1UL, "3", "base.backup", 32), (header.ClusterId, header.Incarnation, header.Base, header.Before.Length));
    }

    [Theory]
    [InlineData(11, "revision 11 follows 9: those between are missing")]
    [InlineData(9, "revision 9 follows 9: it came already")]
    [InlineData(8, "revision 8 follows 9: it came already")]
    public void A_gap_and_a_step_backwards_are_refused_and_what_came_before_stays(long revision, string told)
    {
        var writer = new SegmentWriter(9);
        writer.BeginBatch(1);
        writer.Add(isDelete: false, Changes.Put(9));
        writer.EndBatch();
        writer.BeginBatch(2);
        var error = Assert.Throws<ChangeLogException>(() => writer.Add(isDelete: false, Changes.Put(revision)));
        Assert.Equal(told, error.Message);
        Assert.Equal(9, Changes.Read(writer.Finish(Changes.Origin).Bytes)[^1].Main);
    }

    [Fact]
    public void The_first_revision_has_to_be_the_one_that_was_told()
    {
        var writer = new SegmentWriter(5);
        writer.BeginBatch(1);
        Assert.Throws<ChangeLogException>(() => writer.Add(isDelete: false, Changes.Put(6)));
        writer.BeginBatch(1);
        Assert.Throws<ChangeLogException>(() => writer.EndBatch(progress: 5));
        Assert.True(writer.IsEmpty);
    }

    [Fact]
    public void A_response_whose_last_parts_did_not_come_is_dropped_and_comes_again()
    {
        var writer = new SegmentWriter(3);
        writer.BeginBatch(1);
        writer.Add(isDelete: false, Changes.Put(3));
        writer.EndBatch();
        writer.BeginBatch(2);
        writer.Add(isDelete: false, Changes.Put(4, "torn"));
        writer.EndBatch(isFragment: true);
        Assert.Throws<InvalidOperationException>(() => writer.Finish(Changes.Origin));

        writer.Drop();
        Assert.Equal(3, writer.LastRevision);
        writer.BeginBatch(3);
        writer.Add(isDelete: false, Changes.Put(4, "again"));
        writer.Add(isDelete: false, Changes.Put(4, "and more"));
        writer.EndBatch();
        Assert.Equal([(3, 0), (4, 0), (4, 1)], Changes.Read(writer.Finish(Changes.Origin).Bytes).Select(s => (s.Main, s.Sub)));
    }

    [Fact]
    public void A_response_of_many_megabytes_becomes_several_batches_of_one_time()
    {
        var writer = new SegmentWriter(1);
        writer.BeginBatch(42);
        for (var i = 0; i < 40; i++)
        {
            writer.Add(isDelete: false, Changes.Put(1, $"k{i}", new string('x', 100_000)));
        }

        writer.EndBatch();
        var segment = writer.Finish(Changes.Origin);
        using var reader = new ChangeReader(new MemoryStream(segment.Bytes));
        var batches = 0;
        while (reader.NextBatch())
        {
            Assert.Equal(42, reader.TimeMs);
            batches++;
        }

        Assert.Equal((4, 39), (batches, reader.Sub));
    }

    [Fact]
    public void A_segment_may_tell_only_that_nothing_happened()
    {
        var first = Changes.Segment(5, 6);
        var writer = new SegmentWriter(7);
        writer.BeginBatch(9000);
        writer.EndBatch(progress: 6);
        var idle = writer.Finish(Changes.Origin with { Before = first.Sha256 });
        Assert.Equal((7, 6), (idle.Header.FirstRevision, idle.Header.LastRevision));
        Assert.Equal(3, Changes.Read(first.Bytes, idle.Bytes, Changes.Segment(7, 7, idle).Bytes).Count);
    }

    [Fact]
    public void A_response_that_tells_nothing_leaves_nothing()
    {
        var writer = new SegmentWriter(7);
        writer.BeginBatch(1);
        writer.EndBatch();
        Assert.Equal((true, 0), (writer.IsEmpty, writer.Size));
        Assert.Throws<InvalidOperationException>(() => writer.Finish(Changes.Origin));
    }

    [Fact]
    public void What_is_no_KeyValue_is_refused()
    {
        var writer = new SegmentWriter(5);
        writer.BeginBatch(1);
        Assert.Throws<ChangeLogException>(() => writer.Add(isDelete: false, [0x0A, 9, 1]));
    }
}

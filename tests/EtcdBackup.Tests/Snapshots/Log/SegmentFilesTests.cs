using EtcdBackup.Snapshots.Log;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Snapshots.Log;

public sealed class SegmentFilesTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Files_in_any_order_are_brought_into_that_of_their_revisions_and_times()
    {
        var first = Changes.Segment(5, 6);
        var idle = Idle(first, 9000);
        var later = Idle(idle, 9500);
        string[] paths = [Save(Changes.Segment(7, 9, later)), Save(later), Save(first), Save(idle)];
        Assert.Equal([paths[2], paths[3], paths[1], paths[0]], SegmentFiles.InOrder(paths));

        using var whole = SegmentFiles.Open(SegmentFiles.InOrder(paths));
        using var reader = new ChangeReader(whole);
        while (reader.NextBatch())
        {
        }

        Assert.Equal((5, 9), (reader.Whole!.FirstRevision, reader.Whole.LastRevision));
    }

    private static SealedSegment Idle(SealedSegment before, long timeMs)
    {
        var writer = new SegmentWriter(7);
        writer.BeginBatch(timeMs);
        writer.EndBatch(progress: 6);
        return writer.Finish(Changes.Origin with { Before = before.Sha256 });
    }

    private string Save(SealedSegment segment)
    {
        var path = _scratch[$"{Guid.NewGuid():N}"];
        File.WriteAllBytes(path, segment.Bytes);
        return path;
    }
}

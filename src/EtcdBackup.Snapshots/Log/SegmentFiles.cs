namespace EtcdBackup.Snapshots.Log;

/// <summary>A log that lies in several files.</summary>
internal static class SegmentFiles
{
    /// <summary>Sorts files by what they say they begin with.</summary>
    /// <exception cref="ChangeLogException">One does not begin with a segment.</exception>
    public static IReadOnlyList<string> InOrder(IEnumerable<string> paths) =>
        [.. paths.Select(p => (Path: p, Header: HeaderOf(p))).OrderBy(f => Place(f.Header)).Select(f => f.Path)];

    // One that only tells the time comes before the one that has what happened then.
    private static (long, long, long) Place(SegmentHeader header) => (header.FirstRevision, header.LastRevision, header.FirstTimeMs);

    /// <summary>Opens them as one stream, in their order; each is open only while it is read.</summary>
    public static Stream Open(IReadOnlyList<string> paths) => new ChainedStream([.. paths.Select(p => (Func<Stream>)(() => OpenOne(p)))]);

    private static FileStream OpenOne(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private static SegmentHeader HeaderOf(string path)
    {
        using var file = OpenOne(path);
        using var reader = new ChangeReader(file);
        try
        {
            reader.NextBatch();
        }
        catch (ChangeLogException e)
        {
            throw new ChangeLogException($"'{path}': {e.Message}", e);
        }

        return reader.Header ?? throw new ChangeLogException($"'{path}' is empty");
    }
}

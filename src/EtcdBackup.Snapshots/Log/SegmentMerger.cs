namespace EtcdBackup.Snapshots.Log;

/// <summary>Makes one segment of several that follow each other, so that a listing stays short. Their batches stay as they are.</summary>
internal static class SegmentMerger
{
    /// <summary>Merges, in bounded memory, segments that lie one after the other: they are read twice, first to be checked.</summary>
    /// <param name="open">Opens the stream that they lie in, at its beginning.</param>
    /// <param name="target">Gets the merged segment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its header.</returns>
    /// <exception cref="ChangeLogException">They do not follow each other, or one is not whole.</exception>
    public static SegmentHeader Merge(Func<Stream> open, Stream target, CancellationToken cancellationToken)
    {
        var header = Check(open, cancellationToken);
        var output = new ProtoOutput();
        header.Write(output);
        var beginning = new ProtoOutput();
        beginning.Message(1, output.Written);
        target.Write(beginning.Written);
        using var source = open();
        var fields = new FieldStream(source);
        while (fields.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (fields.Tag != ChangeReader.HeaderTag)
            {
                target.Write(fields.Raw);
            }
        }

        return header;
    }

    private static SegmentHeader Check(Func<Stream> open, CancellationToken cancellationToken)
    {
        using var source = open();
        using var reader = new ChangeReader(source);
        while (reader.NextBatch())
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return reader.Whole ?? throw new ChangeLogException("there is no segment to merge");
    }
}

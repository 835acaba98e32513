using System.Security.Cryptography;

namespace EtcdBackup.Snapshots.Log;

/// <summary>Makes one segment of some that follow each other: who lists a log has less to list.</summary>
internal static class SegmentMerge
{
    /// <summary>Merges them. What follows the last of them follows the result too.</summary>
    /// <param name="segments">The segments, whole and uncompressed, in order.</param>
    /// <exception cref="ChangeLogException">They do not follow each other, or one is not whole.</exception>
    public static SealedSegment Of(IReadOnlyList<byte[]> segments)
    {
        Check(segments);
        var parts = segments.Select(Split).ToArray();
        var (first, last) = (parts[0].Header, parts[^1].Header);
        var header = first with
        {
            LastRevision = last.LastRevision,
            FirstTimeMs = parts.Min(p => p.Header.FirstTimeMs),
            LastTimeMs = parts.Max(p => p.Header.LastTimeMs),
            Events = parts.Sum(p => p.Header.Events),
            StandsFor = last.StandsFor.IsEmpty ? SHA256.HashData(segments[^1]) : last.StandsFor,
        };
        var (inner, output) = (new ProtoOutput(), new ProtoOutput());
        header.Write(inner);
        output.Message(1, inner.Written);
        foreach (var (_, batches) in parts)
        {
            output.Raw(batches.Span);
        }

        var bytes = output.Written.ToArray();
        return new SealedSegment(header, bytes, SHA256.HashData(bytes));
    }

    private static void Check(IReadOnlyList<byte[]> segments)
    {
        using var all = new MemoryStream([.. segments.SelectMany(s => s)]);
        using var reader = new ChangeReader(all);
        while (reader.NextBatch())
        {
        }
    }

    private static (SegmentHeader Header, ReadOnlyMemory<byte> Batches) Split(byte[] segment)
    {
        var fields = new ProtoFields(segment);
        fields.Next();
        return (SegmentHeader.Read(fields.Bytes), segment.AsMemory(segment.Length - fields.Left));
    }
}

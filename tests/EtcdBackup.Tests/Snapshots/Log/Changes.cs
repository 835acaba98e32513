using EtcdBackup.Snapshots.Log;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.Tests.Snapshots.Log;

/// <summary>Logs for tests.</summary>
internal static class Changes
{
    public static readonly SegmentOrigin Origin = new(0xC1, "3", "base.backup", ReadOnlyMemory<byte>.Empty);

    /// <summary>A put as etcd stores it.</summary>
    public static byte[] Put(long revision, string key = "k", string value = "v", long lease = 0) => new KeyValue
    {
        Key = ByteString.CopyFromUtf8(key),
        Value = ByteString.CopyFromUtf8(value),
        CreateRevision = revision,
        ModRevision = revision,
        Version = 1,
        Lease = lease,
    }.ToByteArray();

    /// <summary>A deletion as a watch tells it.</summary>
    public static byte[] Deletion(long revision, string key = "k") =>
        new KeyValue { Key = ByteString.CopyFromUtf8(key), ModRevision = revision }.ToByteArray();

    /// <summary>A segment with one put in each revision.</summary>
    public static SealedSegment Segment(long first, long last, SealedSegment? before = null, SegmentOrigin? origin = null)
    {
        var writer = new SegmentWriter(first);
        for (var revision = first; revision <= last; revision++)
        {
            writer.BeginBatch(revision * 1000);
            writer.Add(isDelete: false, Put(revision));
            writer.EndBatch();
        }

        return writer.Finish((origin ?? Origin) with { Before = before?.Sha256 ?? [] });
    }

    /// <summary>A segment made by hand.</summary>
    public static byte[] Raw(SegmentHeader header, params byte[][] batches)
    {
        var (segment, message) = (new ProtoOutput(), new ProtoOutput());
        header.Write(message);
        segment.Message(1, message.Written);
        foreach (var batch in batches)
        {
            segment.Message(2, batch);
        }

        return segment.Written.ToArray();
    }

    /// <summary>A batch made by hand, of puts.</summary>
    public static byte[] Batch(params long[] revisions) => Batch([.. revisions.Select(r => Event(0, Put(r)))]);

    /// <summary>A batch made by hand.</summary>
    public static byte[] Batch(params byte[][] events)
    {
        var output = new ProtoOutput();
        output.Number(1, 7);
        foreach (var one in events)
        {
            output.Message(2, one);
        }

        return output.Written.ToArray();
    }

    /// <summary>An event made by hand.</summary>
    public static byte[] Event(ulong type, byte[]? keyValue)
    {
        var output = new ProtoOutput();
        output.Number(1, type);
        output.Bytes(2, keyValue);
        return output.Written.ToArray();
    }

    /// <summary>Reads all of it.</summary>
    public static List<Seen> Read(params byte[][] segments)
    {
        var seen = new List<Seen>();
        using var reader = new ChangeReader(new MemoryStream([.. segments.SelectMany(s => s)]));
        while (reader.NextBatch())
        {
            while (reader.NextEvent())
            {
                seen.Add(new Seen(
                    reader.TimeMs, reader.Main, reader.Sub, reader.IsDelete, Convert.ToHexString(reader.Stored), reader.Lease));
            }
        }

        return seen;
    }

    public sealed record Seen(long TimeMs, long Main, long Sub, bool IsDelete, string Stored, long Lease);
}

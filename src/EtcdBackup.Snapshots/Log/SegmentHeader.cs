using System.Text;

namespace EtcdBackup.Snapshots.Log;

/// <summary>What a segment says of itself (docs/changelog.proto).</summary>
/// <param name="ClusterId">etcd's id of the cluster.</param>
/// <param name="Incarnation">Which history of that cluster it is.</param>
/// <param name="FirstRevision">The first main revision that it covers.</param>
/// <param name="LastRevision">The last; one below the first if it only tells the time.</param>
/// <param name="FirstTimeMs">The earliest time of its batches, milliseconds since 1970.</param>
/// <param name="LastTimeMs">The latest.</param>
/// <param name="Before">SHA-256 of the segment before, uncompressed; empty for the first after a base.</param>
/// <param name="Base">The base snapshot that the chain is anchored in.</param>
/// <param name="Events">How many events it has: what was cut off at its end is missed.</param>
/// <param name="StandsFor">SHA-256 of the last of the segments that it was merged from, for who follows that; else empty.</param>
internal sealed record SegmentHeader(
    ulong ClusterId, string Incarnation, long FirstRevision, long LastRevision, long FirstTimeMs, long LastTimeMs,
    ReadOnlyMemory<byte> Before, string Base, long Events, ReadOnlyMemory<byte> StandsFor)
{
    private const int Sha256Size = 32;

    /// <summary>Writes it.</summary>
    public void Write(ProtoOutput output)
    {
        output.Number(1, ClusterId);
        output.Text(2, Incarnation);
        output.Number(3, (ulong)FirstRevision);
        output.Number(4, (ulong)LastRevision);
        output.Number(5, (ulong)FirstTimeMs);
        output.Number(6, (ulong)LastTimeMs);
        output.Bytes(7, Before.Span);
        output.Text(8, Base);
        output.Number(9, (ulong)Events);
        output.Bytes(10, StandsFor.Span);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static SegmentHeader Read(ReadOnlySpan<byte> message)
    {
        var header = new SegmentHeader(0, "", 0, 0, 0, 0, default, "", 0, default);
        for (var fields = new ProtoFields(message); fields.Next();)
        {
            header = fields.Tag switch
            {
                1 << 3 => header with { ClusterId = fields.Number },
                (2 << 3) | 2 => header with { Incarnation = Encoding.UTF8.GetString(fields.Bytes) },
                3 << 3 => header with { FirstRevision = (long)fields.Number },
                4 << 3 => header with { LastRevision = (long)fields.Number },
                5 << 3 => header with { FirstTimeMs = (long)fields.Number },
                6 << 3 => header with { LastTimeMs = (long)fields.Number },
                (7 << 3) | 2 => header with { Before = fields.Bytes.ToArray() },
                (8 << 3) | 2 => header with { Base = Encoding.UTF8.GetString(fields.Bytes) },
                9 << 3 => header with { Events = (long)fields.Number },
                (10 << 3) | 2 => header with { StandsFor = fields.Bytes.ToArray() },
                _ => header,
            };
        }

        return header.IsPossible ? header : throw new FormatException($"its revisions are {header.FirstRevision} to {header.LastRevision}");
    }

    /// <summary>How it is called in messages.</summary>
    public override string ToString() => $"segment {FirstRevision}-{LastRevision}";

    private bool IsPossible => FirstRevision > 0 && LastRevision >= FirstRevision - 1 && Events >= LastRevision - FirstRevision + 1 &&
        Before.Length is 0 or Sha256Size && StandsFor.Length is 0 or Sha256Size;
}

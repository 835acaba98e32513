using System.Buffers.Binary;

namespace EtcdBackup.Testing;

/// <summary>Damage of every kind, from one source of chance.</summary>
public static class Mutation
{
    public static (byte[] Bytes, string What) Of(byte[] original, Random random)
    {
        var bytes = (byte[])original.Clone();
        var pages = (bytes.Length - 32) / 4096;
        var page = random.Next(pages);
        var at = page * 4096;
        switch (random.Next(9))
        {
            case 0:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return (bytes, "bit flip");
            case 1:
                return (bytes[..random.Next(bytes.Length)], "truncation");
            case 2:
                bytes.AsSpan(at, 4096).Clear();
                return (bytes, $"zeroed page {page}");
            case 3:
                var other = random.Next(pages) * 4096;
                var kept = bytes.AsSpan(at, 4096).ToArray();
                bytes.AsSpan(other, 4096).CopyTo(bytes.AsSpan(at));
                kept.CopyTo(bytes.AsSpan(other));
                return (bytes, "swapped pages");
            case 4:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 10), (ushort)random.Next(65536));
                return (bytes, $"count of page {page}");
            case 5:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 12), (uint)random.NextInt64(uint.MaxValue));
                return (bytes, $"overflow of page {page}");
            case 6:
                var field = at + 16 + (random.Next(20) * 16) + (random.Next(4) * 4);
                BinaryPrimitives.WriteUInt32LittleEndian(
                    bytes.AsSpan(field), random.Next(3) == 0 ? uint.MaxValue : (uint)random.Next(70_000));
                return (bytes, $"element of page {page}");
            case 7:
                // a meta page that says something else, with a checksum that fits
                foreach (var meta in new[] { 16, 4096 + 16 })
                {
                    BinaryPrimitives.WriteUInt64LittleEndian(
                        bytes.AsSpan(meta + (random.Next(2, 7) * 8)), random.Next(2) == 0 ? (ulong)random.Next(pages + 5)
                        : (ulong)random.NextInt64());
                    FixMeta(bytes.AsSpan(meta, 64));
                }

                return (bytes, "meta");
            default:
                random.NextBytes(bytes.AsSpan(at + random.Next(4000), 64));
                return (bytes, $"noise in page {page}");
        }
    }

    public static void FixMeta(Span<byte> meta)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in meta[..56])
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(meta[56..], hash);
    }
}

using System.Buffers.Binary;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>Layout of a bbolt file: little-endian, 64-bit (go.etcd.io/bbolt internal/common: page.go, meta.go, bucket.go).</summary>
internal static class BoltFormat
{
    public const uint Magic = 0xED0CDAED;
    public const uint Version = 2;
    public const int MinPageSize = 512;
    public const int MaxPageSize = 64 * 1024;

    /// <summary>A freelist that is not in the file: etcd runs bbolt so, the list is found anew when a file is opened for writing.</summary>
    public const ulong NoFreelist = ulong.MaxValue;

    public const int PageHeaderSize = 16;
    public const int BranchElementSize = 16;
    public const int LeafElementSize = 16;
    public const int BucketHeaderSize = 16;
    public const int MetaSize = 64;

    /// <summary>The longest key that bbolt stores (MaxKeySize).</summary>
    public const int MaxKeySize = 32768;

    public const ushort BranchFlag = 0x01;
    public const ushort LeafFlag = 0x02;
    public const ushort MetaFlag = 0x04;
    public const ushort FreelistFlag = 0x10;
    public const uint BucketElementFlag = 0x01;
}

/// <summary>The head of every page: id u64, flags u16, count u16, overflow u32.</summary>
internal readonly record struct BoltPageHeader(ulong Id, ushort Flags, ushort Count, uint Overflow)
{
    public static BoltPageHeader Read(ReadOnlySpan<byte> page) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(page),
        BinaryPrimitives.ReadUInt16LittleEndian(page[8..]),
        BinaryPrimitives.ReadUInt16LittleEndian(page[10..]),
        BinaryPrimitives.ReadUInt32LittleEndian(page[12..]));

    public void Write(Span<byte> page)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(page, Id);
        BinaryPrimitives.WriteUInt16LittleEndian(page[8..], Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(page[10..], Count);
        BinaryPrimitives.WriteUInt32LittleEndian(page[12..], Overflow);
    }
}

/// <summary>One of the two descriptions of the whole file; the one with the higher transaction id that is sound counts.</summary>
internal readonly record struct BoltMeta(int PageSize, ulong Root, ulong Freelist, ulong HighWater, ulong TransactionId)
{
    /// <summary>Reads the 64 bytes behind a meta page's header; null when they are not sound.</summary>
    public static BoltMeta? Read(ReadOnlySpan<byte> meta)
    {
        var pageSize = BinaryPrimitives.ReadUInt32LittleEndian(meta[8..]);
        var sound = BinaryPrimitives.ReadUInt32LittleEndian(meta) == BoltFormat.Magic &&
            BinaryPrimitives.ReadUInt32LittleEndian(meta[4..]) == BoltFormat.Version &&
            BinaryPrimitives.ReadUInt64LittleEndian(meta[56..]) == Fnv1A(meta[..56]) &&
            pageSize is >= BoltFormat.MinPageSize and <= BoltFormat.MaxPageSize && (pageSize & (pageSize - 1)) == 0;
        return sound
            ? new BoltMeta(
                (int)pageSize,
                BinaryPrimitives.ReadUInt64LittleEndian(meta[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(meta[32..]),
                BinaryPrimitives.ReadUInt64LittleEndian(meta[40..]),
                BinaryPrimitives.ReadUInt64LittleEndian(meta[48..]))
            : null;
    }

    /// <summary>Writes the 64 bytes behind a meta page's header.</summary>
    public void Write(Span<byte> meta)
    {
        meta[..BoltFormat.MetaSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(meta, BoltFormat.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[4..], BoltFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[8..], (uint)PageSize);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[16..], Root);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[32..], Freelist);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[40..], HighWater);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[48..], TransactionId);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[56..], Fnv1A(meta[..56]));
    }

    // FNV-1a, 64 bit
    private static ulong Fnv1A(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return hash;
    }
}

using System.Buffers.Binary;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>The list of free pages, where the file has one (bbolt internal/freelist, Page.FreelistPageCount).</summary>
internal sealed class BoltFreelist(BoltFile file)
{
    // A count of 65535 means that the first entry is the count.
    private const ushort CountInFirstEntry = 0xFFFF;
    private const int EntriesAtOnce = 4096;

    /// <summary>Marks the list's own pages and every free page.</summary>
    public void Check(PageMarks pages)
    {
        var id = file.Meta.Freelist;
        if (id < 2 || id >= file.Meta.HighWater)
        {
            throw BoltFile.Corrupt(id, $"the freelist is there, but pages go from 2 to {file.Meta.HighWater - 1}");
        }

        Span<byte> head = stackalloc byte[BoltFormat.PageHeaderSize + 8];
        var offset = (long)id * file.PageSize;
        file.Read(offset, head);
        var header = file.Header(id, head);
        if (header.Flags != BoltFormat.FreelistFlag)
        {
            throw BoltFile.Corrupt(id, $"flags {header.Flags:x}: no freelist");
        }

        pages.Mark(id, header.Overflow + 1L);
        var counted = header.Count == CountInFirstEntry;
        var count = counted ? BinaryPrimitives.ReadUInt64LittleEndian(head[BoltFormat.PageHeaderSize..]) : header.Count;
        var start = BoltFormat.PageHeaderSize + (counted ? 8 : 0);
        var room = (ulong)(((header.Overflow + 1L) * file.PageSize) - start) / 8;
        if (count > room)
        {
            throw BoltFile.Corrupt(id, $"a freelist of {count} pages in room for {room}");
        }

        var entries = new byte[EntriesAtOnce * 8];
        for (ulong at = 0; at < count; at += EntriesAtOnce)
        {
            var part = entries.AsSpan(0, (int)Math.Min(EntriesAtOnce, count - at) * 8);
            file.Read(offset + start + ((long)at * 8), part);
            for (; part.Length > 0; part = part[8..])
            {
                var free = BinaryPrimitives.ReadUInt64LittleEndian(part);
                if (free < 2 || free >= file.Meta.HighWater)
                {
                    throw BoltFile.Corrupt(id, $"free page {free}, but pages go from 2 to {file.Meta.HighWater - 1}");
                }

                pages.Mark(free, 1);
            }
        }
    }
}

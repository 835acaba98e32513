using System.Buffers;
using System.Buffers.Binary;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>
/// Walks all buckets and checks what it walks over: every length, position and page id lies in its bounds, no page is reached twice,
/// keys ascend, and data neither overlaps nor runs backwards (which also bounds the time that any file can take).
/// </summary>
internal sealed class BoltWalker(BoltFile file, IBoltVisitor visitor, int readAhead, CancellationToken cancellationToken)
{
    // A tree of 2^40 pages with two children each is 40 deep; etcd has no nested buckets.
    private const int MaxDepth = 48;
    private const int MaxNesting = 4;
    private const int MaxBranchBytes = 4 * 1024 * 1024;
    private const int MaxInlineBytes = 1024 * 1024;

    private readonly PageMarks _pages = new(file.Meta.HighWater);

    /// <summary>Pages that a bucket uses.</summary>
    public long UsedPages { get; private set; }

    /// <summary>Walks the whole file.</summary>
    /// <exception cref="SnapshotCorruptException">It is not sound.</exception>
    public void Walk()
    {
        _pages.Mark(0, 1);
        _pages.Mark(1, 1);
        if (file.Meta.Freelist != BoltFormat.NoFreelist)
        {
            new BoltFreelist(file).Check(_pages);
        }

        WalkTree(file.Meta.Root, -1, new KeyOrder(), 0);
        if (file.Meta.Freelist != BoltFormat.NoFreelist)
        {
            _pages.CheckNothingLost();
        }
    }

    private void WalkTree(ulong id, int nesting, KeyOrder order, int depth)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (depth > MaxDepth)
        {
            throw BoltFile.Corrupt(id, $"the tree is deeper than {MaxDepth} levels");
        }

        if (id < 2 || id >= file.Meta.HighWater)
        {
            throw BoltFile.Corrupt(id, $"it is referred to, but pages go from 2 to {file.Meta.HighWater - 1}");
        }

        var rest = (long)(file.Meta.HighWater - id) * file.PageSize;
        var size = (int)Math.Min(Math.Max(readAhead, file.PageSize), rest);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            // The first page tells how many follow it.
            file.Read((long)id * file.PageSize, buffer.AsSpan(0, file.PageSize));
            var header = file.Header(id, buffer);
            _pages.Mark(id, header.Overflow + 1L);
            UsedPages += header.Overflow + 1L;
            var run = (header.Overflow + 1L) * file.PageSize;
            switch (header.Flags)
            {
                case BoltFormat.LeafFlag:
                    var loaded = Load(ref buffer, id,
                        (int)Math.Min(run, Math.Max(size, BoltFormat.PageHeaderSize + (header.Count * BoltFormat.LeafElementSize))));
                    WalkLeaf(new LeafPlace(id, (long)id * file.PageSize, run), buffer.AsSpan(0, loaded), header.Count, nesting, order);
                    break;
                case BoltFormat.BranchFlag when run > MaxBranchBytes:
                    throw BoltFile.Corrupt(id, $"a branch page of {run} bytes");
                case BoltFormat.BranchFlag:
                    // First, because it may bring another buffer.
                    var whole = Load(ref buffer, id, (int)run);
                    WalkBranch(id, buffer.AsSpan(0, whole), header.Count, nesting, order, depth);
                    break;
                default:
                    throw BoltFile.Corrupt(id, $"flags {header.Flags:x}: neither branch nor leaf");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Brings the page's run up to the wanted length into the buffer, whose first page is there already.
    private int Load(ref byte[] buffer, ulong id, int wanted)
    {
        if (wanted <= file.PageSize)
        {
            return file.PageSize;
        }

        if (buffer.Length < wanted)
        {
            var larger = ArrayPool<byte>.Shared.Rent(wanted);
            buffer.AsSpan(0, file.PageSize).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        file.Read(((long)id * file.PageSize) + file.PageSize, buffer.AsSpan(file.PageSize, wanted - file.PageSize));
        return wanted;
    }

    private void WalkBranch(ulong id, ReadOnlySpan<byte> page, int count, int nesting, KeyOrder order, int depth)
    {
        if (count == 0)
        {
            throw BoltFile.Corrupt(id, "a branch page without children");
        }

        long end = BoltFormat.PageHeaderSize + (count * (long)BoltFormat.BranchElementSize);
        for (var i = 0; i < count; i++)
        {
            var at = BoltFormat.PageHeaderSize + (i * BoltFormat.BranchElementSize);
            if (at + BoltFormat.BranchElementSize > page.Length)
            {
                throw BoltFile.Corrupt(id, $"its {count} elements do not fit");
            }

            var start = at + (long)BinaryPrimitives.ReadUInt32LittleEndian(page[at..]);
            var length = (long)BinaryPrimitives.ReadUInt32LittleEndian(page[(at + 4)..]);
            if (start < end || start + length > page.Length || length > BoltFormat.MaxKeySize)
            {
                throw BoltFile.Corrupt(id, $"the key of element {i} lies outside");
            }

            end = start + length;
            var key = page.Slice((int)start, (int)length);
            order.BranchKey(id, key);
            WalkTree(BinaryPrimitives.ReadUInt64LittleEndian(page[(at + 8)..]), nesting, order, depth + 1);
        }
    }

    private void WalkLeaf(LeafPlace place, ReadOnlySpan<byte> loaded, int count, int nesting, KeyOrder order)
    {
        var dataFrom = BoltFormat.PageHeaderSize + (count * (long)BoltFormat.LeafElementSize);
        if (dataFrom > loaded.Length)
        {
            throw BoltFile.Corrupt(place.Page, $"its {count} elements do not fit");
        }

        var end = dataFrom;
        byte[]? far = null;
        for (var i = 0; i < count; i++)
        {
            var at = BoltFormat.PageHeaderSize + (i * BoltFormat.LeafElementSize);
            var flags = BinaryPrimitives.ReadUInt32LittleEndian(loaded[at..]);
            var start = at + (long)BinaryPrimitives.ReadUInt32LittleEndian(loaded[(at + 4)..]);
            var keyLength = (long)BinaryPrimitives.ReadUInt32LittleEndian(loaded[(at + 8)..]);
            var valueLength = (long)BinaryPrimitives.ReadUInt32LittleEndian(loaded[(at + 12)..]);
            if (start < end || start + keyLength + valueLength > place.Length || keyLength > BoltFormat.MaxKeySize)
            {
                throw BoltFile.Corrupt(place.Page, $"the data of element {i} lies outside, or overlaps that of another");
            }

            var valueStart = start + keyLength;
            end = valueStart + valueLength;
            ReadOnlySpan<byte> key;
            if (valueStart <= loaded.Length)
            {
                key = loaded.Slice((int)start, (int)keyLength);
            }
            else
            {
                far ??= new byte[BoltFormat.MaxKeySize];
                file.Read(place.Offset + start, far.AsSpan(0, (int)keyLength));
                key = far.AsSpan(0, (int)keyLength);
            }

            order.LeafKey(place.Page, key);
            var value = new BoltValue(
                file, place.Offset + valueStart, valueLength, end <= loaded.Length ? loaded.Slice((int)valueStart, (int)valueLength)
                : default);
            if ((flags & BoltFormat.BucketElementFlag) != 0)
            {
                WalkBucket(place.Page, key, value, place.Offset + valueStart, nesting + 1);
            }
            else if (nesting < 0)
            {
                throw BoltFile.Corrupt(place.Page, $"element {i} of the root is no bucket");
            }
            else
            {
                visitor.Entry(key, value);
            }
        }
    }

    private void WalkBucket(ulong page, ReadOnlySpan<byte> name, BoltValue value, long offset, int nesting)
    {
        if (nesting > MaxNesting)
        {
            throw BoltFile.Corrupt(page, $"buckets are nested more than {MaxNesting} deep");
        }

        Span<byte> head = stackalloc byte[BoltFormat.BucketHeaderSize];
        if (value.Length < BoltFormat.BucketHeaderSize || value.Length > MaxInlineBytes)
        {
            throw BoltFile.Corrupt(page, $"a bucket header of {value.Length} bytes");
        }

        value.ReadStart(head);
        visitor.Bucket(name, nesting);
        if (BinaryPrimitives.ReadUInt64LittleEndian(head) is not 0 and var root)
        {
            WalkTree(root, nesting, new KeyOrder(), 0);
            return;
        }

        // A small bucket lies within the value, as one leaf page with the id 0.
        var inline = value.ToArray(MaxInlineBytes)!.AsSpan(BoltFormat.BucketHeaderSize);
        if (inline.Length < BoltFormat.PageHeaderSize || BoltPageHeader.Read(inline) is not { Flags: BoltFormat.LeafFlag } header)
        {
            throw BoltFile.Corrupt(page, "an inline bucket that is no leaf page");
        }

        WalkLeaf(new LeafPlace(page, offset + BoltFormat.BucketHeaderSize, inline.Length), inline, header.Count, nesting, new KeyOrder());
    }

    /// <summary>Where a leaf lies: its page for messages, its place in the file, and its bytes with all overflow.</summary>
    private readonly record struct LeafPlace(ulong Page, long Offset, long Length);
}

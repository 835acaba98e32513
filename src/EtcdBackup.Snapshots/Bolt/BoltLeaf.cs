using System.Buffers.Binary;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>
/// The entries of one leaf page, until it is full (bbolt internal/common: page.go, inode.go): first an element for each, with its place
/// and lengths, then all keys and values.
/// </summary>
internal sealed class BoltLeaf
{
    private readonly List<Element> _elements = [];
    private byte[] _data = new byte[BoltFormat.MinPageSize];
    private byte[] _head = new byte[BoltFormat.MinPageSize];
    private int _used;

    /// <summary>How many entries it has.</summary>
    public int Count => _elements.Count;

    /// <summary>Bytes of the page, with its header.</summary>
    public int Size => DataFrom + _used;

    /// <summary>The key of its first entry.</summary>
    public ReadOnlySpan<byte> FirstKey => _data.AsSpan(0, (int)_elements[0].KeyLength);

    private int DataFrom => BoltFormat.PageHeaderSize + (Count * BoltFormat.LeafElementSize);

    /// <summary>Adds an entry whose key is above all others.</summary>
    public void Add(uint flags, ReadOnlySpan<byte> key, BoltValue value)
    {
        var length = (int)value.Length;
        var needed = _used + key.Length + length;
        if (needed > _data.Length)
        {
            Array.Resize(ref _data, Math.Max(needed, _data.Length * 2));
        }

        key.CopyTo(_data.AsSpan(_used));
        value.ReadStart(_data.AsSpan(_used + key.Length, length));
        _elements.Add(new Element(flags, (uint)key.Length, (uint)length));
        _used = needed;
    }

    /// <summary>Writes it as a page, and empties it.</summary>
    /// <returns>The page's id.</returns>
    public ulong WriteTo(BoltOutput output)
    {
        var id = output.Begin(BoltFormat.LeafFlag, Count, Size);
        output.Append(Head()[BoltFormat.PageHeaderSize..]);
        output.Append(_data.AsSpan(0, _used));
        output.End();
        _elements.Clear();
        _used = 0;
        return id;
    }

    /// <summary>The value of a bucket that is so small that it lies within its parent (bbolt bucket.go, write): no page has it.</summary>
    public byte[] ToInlineBucket()
    {
        var value = new byte[BoltFormat.BucketHeaderSize + Size];
        var page = value.AsSpan(BoltFormat.BucketHeaderSize);
        Head().CopyTo(page);
        _data.AsSpan(0, _used).CopyTo(page[DataFrom..]);
        new BoltPageHeader(0, BoltFormat.LeafFlag, (ushort)Count, 0).Write(page);
        return value;
    }

    /// <summary>Writes an element, where its data begins so many bytes after it.</summary>
    public static void WriteElement(Span<byte> element, uint flags, uint position, uint keyLength, uint valueLength)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(element, flags);
        BinaryPrimitives.WriteUInt32LittleEndian(element[4..], position);
        BinaryPrimitives.WriteUInt32LittleEndian(element[8..], keyLength);
        BinaryPrimitives.WriteUInt32LittleEndian(element[12..], valueLength);
    }

    // Room for the page's header, and all elements.
    private Span<byte> Head()
    {
        if (_head.Length < DataFrom)
        {
            _head = new byte[Math.Max(DataFrom, _head.Length * 2)];
        }

        var data = DataFrom;
        for (var i = 0; i < Count; i++)
        {
            var (flags, key, value) = _elements[i];
            var at = BoltFormat.PageHeaderSize + (i * BoltFormat.LeafElementSize);
            WriteElement(_head.AsSpan(at), flags, (uint)(data - at), key, value);
            data += (int)(key + value);
        }

        return _head.AsSpan(0, DataFrom);
    }

    private readonly record struct Element(uint Flags, uint KeyLength, uint ValueLength);
}

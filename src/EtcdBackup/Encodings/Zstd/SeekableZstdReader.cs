using System.Buffers.Binary;
using EtcdBackup.Stores;
using ZstdSharp;

namespace EtcdBackup.Encodings.Zstd;

/// <summary>Opens frames on request; one is in memory at a time.</summary>
internal sealed class SeekableZstdReader : ReadOnlyStream
{
    private readonly Stream _stored;
    private readonly Frame[] _frames;
    private readonly Decompressor _decompressor = new();
    private byte[] _packed = [];
    private byte[] _plain = [];
    private int _current = -1;

    private SeekableZstdReader(Stream stored, Frame[] frames, long length)
        : base(length)
    {
        _stored = stored;
        _frames = frames;
    }

    /// <summary>Reads the table at the end.</summary>
    /// <exception cref="EncodingException">There is none, or it does not fit the object.</exception>
    public static async Task<SeekableZstdReader> OpenAsync(Stream stored, CancellationToken cancellationToken)
    {
        var footer = new byte[SeekableFormat.FooterSize];
        if (stored.Length < SeekableFormat.SkippableHeaderSize + SeekableFormat.FooterSize)
        {
            throw Damaged("it is too short for a seek table");
        }

        await stored.ReadExactlyAtAsync(stored.Length - footer.Length, footer, cancellationToken);
        if (BinaryPrimitives.ReadUInt32LittleEndian(footer.AsSpan(5)) != SeekableFormat.SeekableMagic ||
            (footer[4] & SeekableFormat.ReservedBits) != 0)
        {
            throw Damaged("its end is no seek table: it was cut short, or compressed by another program");
        }

        var count = BinaryPrimitives.ReadUInt32LittleEndian(footer);
        var entrySize = (footer[4] & SeekableFormat.ChecksumFlag) != 0 ? SeekableFormat.EntryWithChecksumSize : SeekableFormat.EntrySize;
        var tableSize = SeekableFormat.SkippableHeaderSize + (count * entrySize) + SeekableFormat.FooterSize;
        if (tableSize > stored.Length)
        {
            throw Damaged("its seek table is longer than the object");
        }

        var table = new byte[tableSize];
        await stored.ReadExactlyAtAsync(stored.Length - tableSize, table, cancellationToken);
        var (frames, length) = Parse(table, (int)count, entrySize, stored.Length - tableSize);
        return new SeekableZstdReader(stored, frames, length);
    }

    protected override async ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var index = Find(position);
        if (index != _current)
        {
            await LoadAsync(index, cancellationToken);
        }

        var frame = _frames[index];
        var offset = (int)(position - frame.PlainAt);
        var count = Math.Min(buffer.Length, frame.Plain - offset);
        _plain.AsMemory(offset, count).CopyTo(buffer);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        _decompressor.Dispose();
        _stored.Dispose();
        base.Dispose(disposing);
    }

    private static (Frame[] Frames, long Length) Parse(byte[] table, int count, int entrySize, long framesEnd)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(table) != SeekableFormat.SkippableMagic ||
            BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(4)) != table.Length - SeekableFormat.SkippableHeaderSize)
        {
            throw Damaged("its seek table has no valid header");
        }

        var frames = new Frame[count];
        long packedAt = 0;
        long plainAt = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = table.AsSpan(SeekableFormat.SkippableHeaderSize + (i * entrySize));
            var packed = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            var plain = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            // What we write is far below; a table that asks for more than this much memory is not ours.
            if (plain > 64 * SeekableFormat.FrameSize || packed > 128 * SeekableFormat.FrameSize)
            {
                throw Damaged($"its seek table names a frame of {plain} bytes");
            }

            frames[i] = new Frame(packedAt, (int)packed, plainAt, (int)plain);
            packedAt += packed;
            plainAt += plain;
        }

        return packedAt == framesEnd ? (frames, plainAt) : throw Damaged("its seek table does not fit its frames");
    }

    private static EncodingException Damaged(string why, Exception? inner = null) =>
        new($"the compressed object cannot be opened: {why}", inner);

    private int Find(long position)
    {
        // Reading on is the rule.
        if (_current >= 0 && _current < _frames.Length && _frames[_current].Holds(position))
        {
            return _current;
        }

        var (low, high) = (0, _frames.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _frames[middle].PlainAt <= position ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private async ValueTask LoadAsync(int index, CancellationToken cancellationToken)
    {
        var frame = _frames[index];
        _packed = _packed.Length < frame.Packed ? new byte[frame.Packed] : _packed;
        _plain = _plain.Length < frame.Plain ? new byte[frame.Plain] : _plain;
        _current = -1;
        await _stored.ReadExactlyAtAsync(frame.PackedAt, _packed.AsMemory(0, frame.Packed), cancellationToken);
        try
        {
            var count = _decompressor.Unwrap(_packed.AsSpan(0, frame.Packed), _plain.AsSpan(0, frame.Plain));
            if (count != frame.Plain)
            {
                throw Damaged($"frame {index} holds {count} bytes and not {frame.Plain}");
            }
        }
        catch (ZstdException e)
        {
            throw Damaged($"frame {index} is damaged: {e.Message}", e);
        }

        _current = index;
    }

    private readonly record struct Frame(long PackedAt, int Packed, long PlainAt, int Plain)
    {
        public bool Holds(long position) => position >= PlainAt && position < PlainAt + Plain;
    }
}

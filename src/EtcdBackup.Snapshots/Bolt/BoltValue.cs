using System.Buffers;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>A value in the file. Nothing of it is read until it is requested.</summary>
internal readonly ref struct BoltValue(BoltFile file, long offset, long length, ReadOnlySpan<byte> buffered)
{
    private const int ChunkSize = 256 * 1024;

    // Set when the whole value is in memory already.
    private readonly ReadOnlySpan<byte> _buffered = buffered;

    /// <summary>A value that is in no file.</summary>
    public static BoltValue Of(ReadOnlySpan<byte> bytes) => new(null!, 0, bytes.Length, bytes);

    /// <summary>Bytes of the value.</summary>
    public long Length => length;

    /// <summary>Where it is, to be read later; null if it is in no file.</summary>
    public BoltPlace? Place => file is null ? null : new(file, offset, length);

    /// <summary>Reads up to so many bytes from its beginning.</summary>
    public int ReadStart(Span<byte> destination)
    {
        var count = (int)Math.Min(destination.Length, length);
        if (_buffered.Length == length)
        {
            _buffered[..count].CopyTo(destination);
        }
        else
        {
            file.Read(offset, destination[..count]);
        }

        return count;
    }

    /// <summary>
    /// Its beginning, at least as much as fits into <paramref name="scratch"/>, without a copy where it is in memory already.
    /// </summary>
    public ReadOnlySpan<byte> Start(Span<byte> scratch) => _buffered.Length == length ? _buffered : scratch[..ReadStart(scratch)];

    /// <summary>Reads a small value whole; null when it is larger than <paramref name="limit"/>.</summary>
    public byte[]? ToArray(int limit)
    {
        if (length > limit)
        {
            return null;
        }

        var bytes = new byte[length];
        ReadStart(bytes);
        return bytes;
    }

    /// <summary>Hands over the whole value, in parts.</summary>
    public void Read(BytesAction action)
    {
        if (_buffered.Length == length)
        {
            action(_buffered);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            for (long at = 0; at < length;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(ChunkSize, length - at));
                file.Read(offset + at, part);
                action(part);
                at += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

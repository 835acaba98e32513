using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Stores.Remote;

/// <summary>A part of a file as a stream, to be sent: read from the disk again for each retry, and never kept in memory.</summary>
internal sealed class FileSlice(SafeFileHandle file, long start, long length) : ReadOnlyStream(length)
{
    private long _read;

    /// <summary>Bytes read so far, all retries together: while it grows, the upload makes progress.</summary>
    public long TotalRead => Volatile.Read(ref _read);

    // The clients of the stores also read synchronously, to compute digests.
    public override int Read(Span<byte> buffer)
    {
        var count = RandomAccess.Read(file, buffer[..(int)Math.Clamp(Length - Position, 0, buffer.Length)], start + Position);
        Position += count;
        Interlocked.Add(ref _read, count);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    // From the page cache, where these bytes were written a moment ago.
    protected override ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = RandomAccess.Read(file, buffer.Span, start + position);
        Interlocked.Add(ref _read, count);
        return ValueTask.FromResult(count);
    }
}

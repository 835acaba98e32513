namespace EtcdBackup.Snapshots.Log;

/// <summary>Reads one stream after the other.</summary>
/// <param name="parts">Open them, each when its turn comes.</param>
internal sealed class ChainedStream(IReadOnlyList<Func<Stream>> parts) : Stream
{
    private Stream? _now;
    private int _next;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (buffer.Length > 0 && (_now is not null || _next < parts.Count))
        {
            _now ??= parts[_next++]();
            if (_now.Read(buffer) is > 0 and var count)
            {
                return count;
            }

            _now.Dispose();
            _now = null;
        }

        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _now?.Dispose();
        base.Dispose(disposing);
    }
}

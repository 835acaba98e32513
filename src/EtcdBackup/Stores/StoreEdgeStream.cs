using System.Buffers;

namespace EtcdBackup.Stores;

/// <summary>An object to read, behind the store's edge: each read is limited, and fails with the store's own errors.</summary>
internal sealed class StoreEdgeStream(Stream inner, long length, string where, string key, SilenceLimit limit)
    : ReadOnlyStream(length), ILocalFile
{
    private const int LargestRead = 512 * 1024;

    private byte[] _own = [];
    private Task? _left;
    private bool _disposed;

    public string? LocalPath => ILocalFile.PathOf(inner);

    protected override async ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_left is not null)
        {
            throw new StoreException($"a read of '{key}' was given up: open it again in {where}");
        }

        try
        {
            if (inner.Position != position)
            {
                inner.Position = position;
            }

            // Our own memory: an abandoned read may still write when the caller uses its memory for something else.
            var own = Own(Math.Min(buffer.Length, LargestRead));
            var count = await limit.WatchAsync(
                $"'{key}'", async cancel => await inner.ReadAsync(own, cancel), cancellationToken, onLeft: work => _left = work);
            own.Span[..count].CopyTo(buffer.Span);
            return count > 0
                ? count
                : throw new StoreException($"'{key}' of {where} ended after {position} of {Length} bytes: verify it, it was cut short");
        }
        catch (Exception e) when (StoreErrors.IsForeign(e, cancellationToken, mayBeMissing: true))
        {
            throw StoreErrors.Of(where, $"'{key}'", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_left is { IsCompleted: false } left)
        {
            _ = left.ContinueWith(_ => inner.Dispose(), TaskScheduler.Default);
            return;
        }

        inner.Dispose();
        if (_own.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_own);
            _own = [];
        }
    }

    private Memory<byte> Own(int size)
    {
        if (_own.Length < size)
        {
            if (_own.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_own);
            }

            _own = ArrayPool<byte>.Shared.Rent(size);
        }

        return _own.AsMemory(0, size);
    }
}

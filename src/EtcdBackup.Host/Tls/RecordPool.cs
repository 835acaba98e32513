using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace EtcdBackup.Host.Tls;

/// <summary>
/// The memory of connections, in blocks of two TLS records. Kestrel's own blocks are of 4 KiB, and each becomes a record and a write of its
/// own: downloads over TLS are two to three times as fast with these.
/// </summary>
internal sealed class RecordPool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockSize = 32 * 1024;

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockSize;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Block(Math.Max(minBufferSize, BlockSize));

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // its blocks are the array pool's
    }

    private sealed class Block(int size) : IMemoryOwner<byte>
    {
        private byte[]? _array = ArrayPool<byte>.Shared.Rent(size);

        public Memory<byte> Memory => _array;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _array, null) is { } array)
            {
                ArrayPool<byte>.Shared.Return(array);
            }
        }
    }
}

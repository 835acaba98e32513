using System.Buffers;
using System.Buffers.Binary;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace EtcdBackup.Encodings.Zstd;

/// <summary>Compresses what is written to it, frame by frame, each with a checksum.</summary>
internal sealed class SeekableZstdWriter : IByteSink
{
    private const int Level = 3;

    private readonly IByteSink _sink;
    private readonly Compressor _compressor = new(Level);
    private readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(SeekableFormat.FrameSize);
    private readonly byte[] _packed = ArrayPool<byte>.Shared.Rent(Compressor.GetCompressBound(SeekableFormat.FrameSize));
    private readonly List<(int Packed, int Plain)> _frames = [];
    private int _filled;

    public SeekableZstdWriter(IByteSink sink)
    {
        _sink = sink;
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, SeekableFormat.FrameSize - _filled);
            bytes[..count].CopyTo(_plain.AsMemory(_filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == SeekableFormat.FrameSize)
            {
                await EndFrameAsync(cancellationToken);
            }
        }
    }

    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        if (_filled > 0)
        {
            await EndFrameAsync(cancellationToken);
        }

        await _sink.AppendAsync(Table(), cancellationToken);
        await _sink.FinishAsync(cancellationToken);
    }

    public void Dispose()
    {
        _compressor.Dispose();
        ArrayPool<byte>.Shared.Return(_plain);
        ArrayPool<byte>.Shared.Return(_packed);
        _sink.Dispose();
    }

    private async ValueTask EndFrameAsync(CancellationToken cancellationToken)
    {
        var count = _compressor.Wrap(_plain.AsSpan(0, _filled), _packed);
        _frames.Add((count, _filled));
        _filled = 0;
        await _sink.AppendAsync(_packed.AsMemory(0, count), cancellationToken);
    }

    private byte[] Table()
    {
        var content = _frames.Count * SeekableFormat.EntrySize + SeekableFormat.FooterSize;
        var table = new byte[SeekableFormat.SkippableHeaderSize + content];
        BinaryPrimitives.WriteUInt32LittleEndian(table, SeekableFormat.SkippableMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), (uint)content);
        var at = SeekableFormat.SkippableHeaderSize;
        foreach (var (packed, plain) in _frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(at), packed);
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(at + 4), plain);
            at += SeekableFormat.EntrySize;
        }

        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(at), _frames.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(at + 5), SeekableFormat.SeekableMagic);
        return table;
    }
}

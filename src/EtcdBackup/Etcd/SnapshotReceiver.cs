using System.Buffers;
using System.Threading.Channels;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdBackup.Etcd;

/// <summary>
/// Collects the small messages of etcd's snapshot stream (32 KiB each) into large blocks. The bytes go from the transport's buffer
/// straight into the block: a <c>ByteString</c> for each message would be garbage at once.
/// </summary>
internal sealed class SnapshotReceiver
{
    public const int BlockSize = 512 * 1024;

    private static readonly Marshaller<SnapshotRequest> RequestMarshaller = Marshallers.Create(
        r => r.ToByteArray(), SnapshotRequest.Parser.ParseFrom);
    private static readonly object Received = new();

    private readonly ChannelWriter<SnapshotBlock> _blocks;
    private readonly Queue<SnapshotBlock> _full = new();
    private byte[]? _buffer;
    private int _filled;

    public SnapshotReceiver(ChannelWriter<SnapshotBlock> blocks)
    {
        _blocks = blocks;
        Method = new Method<SnapshotRequest, object>(
            MethodType.ServerStreaming, "etcdserverpb.Maintenance", "Snapshot", RequestMarshaller, new Marshaller<object>(Refuse, Receive));
    }

    /// <summary>The call to make; its messages end up here.</summary>
    public Method<SnapshotRequest, object> Method { get; }

    public long BytesReceived { get; private set; }

    /// <summary>The bytes that the member said are still to come, with its last message.</summary>
    public ulong RemainingBytes { get; private set; }

    public bool HasFullBlocks => _full.Count > 0;

    /// <summary>Hands full blocks to the writer, waiting while it is behind.</summary>
    public async ValueTask PassOnAsync(CancellationToken cancellationToken)
    {
        while (_full.TryPeek(out var block))
        {
            await _blocks.WriteAsync(block, cancellationToken);
            _full.Dequeue();
        }
    }

    /// <summary>Hands over what is left.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        Seal();
        await PassOnAsync(cancellationToken);
    }

    /// <summary>Gives the buffers back that nobody took.</summary>
    public void Discard()
    {
        Seal();
        while (_full.TryDequeue(out var block))
        {
            block.Return();
        }
    }

    private static void Refuse(object value, SerializationContext context) =>
        throw new NotSupportedException("snapshot messages are only received");

    // etcd api/etcdserverpb/rpc.proto, SnapshotResponse: remaining_bytes = 2 (varint), blob = 3 (bytes); others are skipped.
    private object Receive(DeserializationContext context)
    {
        var reader = new SequenceReader<byte>(context.PayloadAsReadOnlySequence());
        while (!reader.End)
        {
            var tag = ReadVarint(ref reader);
            switch (tag & 7)
            {
                case 0:
                    var value = ReadVarint(ref reader);
                    RemainingBytes = tag >> 3 == 2 ? value : RemainingBytes;
                    break;
                case 2:
                    var length = ReadVarint(ref reader);
                    if (length > (ulong)reader.Remaining)
                    {
                        throw Malformed();
                    }

                    if (tag >> 3 == 3)
                    {
                        Append(reader.UnreadSequence.Slice(0, (long)length));
                    }

                    reader.Advance((long)length);
                    break;
                default:
                    throw Malformed();
            }
        }

        return Received;
    }

    private void Append(ReadOnlySequence<byte> blob)
    {
        BytesReceived += blob.Length;
        foreach (var part in blob)
        {
            var rest = part.Span;
            while (rest.Length > 0)
            {
                _buffer ??= ArrayPool<byte>.Shared.Rent(BlockSize);
                var count = Math.Min(rest.Length, BlockSize - _filled);
                rest[..count].CopyTo(_buffer.AsSpan(_filled));
                rest = rest[count..];
                _filled += count;
                if (_filled == BlockSize)
                {
                    Seal();
                }
            }
        }
    }

    private void Seal()
    {
        if (_buffer is not null)
        {
            _full.Enqueue(new SnapshotBlock(_buffer, _filled));
            (_buffer, _filled) = (null, 0);
        }
    }

    private static ulong ReadVarint(ref SequenceReader<byte> reader)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (!reader.TryRead(out var b))
            {
                throw Malformed();
            }

            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    private static FormatException Malformed() => new("a message of the snapshot stream is no SnapshotResponse");
}

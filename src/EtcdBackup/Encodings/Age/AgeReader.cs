using System.Security.Cryptography;
using EtcdBackup.Stores;

namespace EtcdBackup.Encodings.Age;

/// <summary>
/// Opens an encrypted object anywhere in it. The last chunk is opened first of all: it says that it is the last, so an object cut short is
/// refused before the first byte is given away.
/// </summary>
internal sealed class AgeReader : ReadOnlyStream
{
    private readonly Stream _stored;
    private readonly ChaCha20Poly1305 _cipher;
    private readonly long _payloadAt;
    private readonly long _chunks;
    private readonly byte[] _sealed = new byte[AgeFormat.SealedChunkSize];
    private readonly byte[] _plain = new byte[AgeFormat.ChunkSize];
    private long _current = -1;

    private AgeReader(Stream stored, byte[] payloadKey, long payloadAt, long chunks, long length)
        : base(length)
    {
        (_stored, _payloadAt, _chunks) = (stored, payloadAt, chunks);
        _cipher = new ChaCha20Poly1305(payloadKey);
    }

    /// <summary>Reads the header and the end.</summary>
    /// <exception cref="EncodingException">It is damaged, cut short, or for other keys.</exception>
    public static async Task<AgeReader> OpenAsync(Stream stored, AgeKeyring keys, CancellationToken cancellationToken)
    {
        var start = new byte[Math.Min(stored.Length, AgeFormat.LongestHeader)];
        await stored.ReadExactlyAtAsync(0, start, cancellationToken);
        var header = AgeHeader.Open(start, keys.Identities);
        var payloadAt = header.Length + AgeFormat.NonceSize;
        var payload = stored.Length - payloadAt;
        var chunks = (payload + AgeFormat.SealedChunkSize - 1) / AgeFormat.SealedChunkSize;
        var last = payload - ((chunks - 1) * AgeFormat.SealedChunkSize);
        if (payload < AgeFormat.TagSize || payloadAt > start.Length || last < AgeFormat.TagSize ||
            (last == AgeFormat.TagSize && chunks > 1))
        {
            throw CutShort();
        }

        var nonce = start.AsSpan(header.Length, AgeFormat.NonceSize);
        var reader = new AgeReader(
            stored, AgeFormat.PayloadKey(header.FileKey, nonce), payloadAt, chunks, payload - (chunks * AgeFormat.TagSize));
        await reader.LoadAsync(chunks - 1, cancellationToken);
        return reader;
    }

    protected override async ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var chunk = position / AgeFormat.ChunkSize;
        if (chunk != _current)
        {
            await LoadAsync(chunk, cancellationToken);
        }

        var offset = (int)(position % AgeFormat.ChunkSize);
        var count = Math.Min(buffer.Length, PlainSize(chunk) - offset);
        _plain.AsMemory(offset, count).CopyTo(buffer);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        _cipher.Dispose();
        _stored.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
        base.Dispose(disposing);
    }

    private static EncodingException CutShort() => new("the encrypted object was cut short or changed");

    private int PlainSize(long chunk) => chunk < _chunks - 1 ? AgeFormat.ChunkSize : (int)(Length - (chunk * AgeFormat.ChunkSize));

    private async ValueTask LoadAsync(long chunk, CancellationToken cancellationToken)
    {
        var size = PlainSize(chunk);
        _current = -1;
        await _stored.ReadExactlyAtAsync(
            _payloadAt + (chunk * AgeFormat.SealedChunkSize), _sealed.AsMemory(0, size + AgeFormat.TagSize), cancellationToken);
        try
        {
            _cipher.Decrypt(AgeFormat.ChunkNonce(chunk, chunk == _chunks - 1), _sealed.AsSpan(0, size),
                _sealed.AsSpan(size, AgeFormat.TagSize), _plain.AsSpan(0, size));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw chunk == _chunks - 1 ? CutShort() : new EncodingException($"chunk {chunk} of the encrypted object was changed", e);
        }

        _current = chunk;
    }
}

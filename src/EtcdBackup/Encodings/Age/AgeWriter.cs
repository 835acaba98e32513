using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace EtcdBackup.Encodings.Age;

/// <summary>Encrypts what is written to it, in the age format.</summary>
internal sealed class AgeWriter : IByteSink
{
    private readonly IByteSink _sink;
    private readonly ChaCha20Poly1305 _cipher;
    private readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(AgeFormat.ChunkSize);
    private readonly byte[] _sealed = new byte[AgeFormat.SealedChunkSize];
    private byte[]? _header;
    private long _chunk;
    private int _filled;

    public AgeWriter(IByteSink sink, IEnumerable<AgeRecipient> recipients)
    {
        _sink = sink;
        var fileKey = RandomNumberGenerator.GetBytes(AgeFormat.FileKeySize);
        var nonce = RandomNumberGenerator.GetBytes(AgeFormat.NonceSize);
        _cipher = new ChaCha20Poly1305(AgeFormat.PayloadKey(fileKey, nonce));
        _header = [.. Header(fileKey, recipients), .. nonce];
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            // The last chunk is marked, so a full one waits until it is known whether more comes.
            if (_filled == AgeFormat.ChunkSize)
            {
                await EndChunkAsync(isLast: false, cancellationToken);
            }

            var count = Math.Min(bytes.Length, AgeFormat.ChunkSize - _filled);
            bytes[..count].CopyTo(_plain.AsMemory(_filled));
            bytes = bytes[count..];
            _filled += count;
        }
    }

    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await EndChunkAsync(isLast: true, cancellationToken);
        await _sink.FinishAsync(cancellationToken);
    }

    public void Dispose()
    {
        _cipher.Dispose();
        ArrayPool<byte>.Shared.Return(_plain, clearArray: true);
        _sink.Dispose();
    }

    private static byte[] Header(byte[] fileKey, IEnumerable<AgeRecipient> recipients)
    {
        var header = new StringBuilder().Append(AgeFormat.Intro).Append('\n');
        foreach (var recipient in recipients)
        {
            var ephemeral = AgeIdentity.Generate();
            var share = ephemeral.Recipient.PublicKey;
            var wrapKey = AgeFormat.WrapKey(ephemeral.Agree(recipient.PublicKey), share, recipient.PublicKey);
            header.Append(AgeFormat.StanzaPrefix).Append(AgeFormat.X25519).Append(' ').Append(AgeFormat.Encode(share)).Append('\n')
                .Append(AgeFormat.Encode(AgeFormat.Wrap(wrapKey, fileKey))).Append('\n');
        }

        header.Append(AgeFormat.FooterPrefix);
        var mac = AgeFormat.HeaderMac(fileKey, Encoding.ASCII.GetBytes(header.ToString()));
        return Encoding.ASCII.GetBytes(header.Append(' ').Append(AgeFormat.Encode(mac)).Append('\n').ToString());
    }

    private async ValueTask EndChunkAsync(bool isLast, CancellationToken cancellationToken)
    {
        if (_header is { } header)
        {
            _header = null;
            await _sink.AppendAsync(header, cancellationToken);
        }

        _cipher.Encrypt(AgeFormat.ChunkNonce(_chunk++, isLast), _plain.AsSpan(0, _filled), _sealed.AsSpan(0, _filled),
            _sealed.AsSpan(_filled, AgeFormat.TagSize));
        var count = _filled + AgeFormat.TagSize;
        _filled = 0;
        await _sink.AppendAsync(_sealed.AsMemory(0, count), cancellationToken);
    }
}

using EtcdBackup.Encodings.Age;
using EtcdBackup.Encodings.Zstd;
using EtcdBackup.Stores;

namespace EtcdBackup.Encodings;

/// <summary>
/// A snapshot on its way into a store: compressed and encrypted as it comes, if that is wanted, with the plain bytes in a local file to be
/// proven. Disposed without a commit it leaves nothing behind.
/// </summary>
public sealed class PendingBackup : IAsyncDisposable
{
    private readonly IPendingObject _pending;
    private readonly ScratchFile? _plain;
    private readonly IByteSink? _encoder;
    private readonly ObjectSink _object;

    private PendingBackup(IPendingObject pending, BackupEncoding encoding, ScratchFile? plain, AgeKeyring? keys)
    {
        (_pending, _plain, _object) = (pending, plain, new ObjectSink(pending));
        IByteSink encoder = keys is null ? _object : new AgeWriter(_object, keys.Recipients);
        _encoder = encoding == BackupEncoding.None ? null
            : encoding.HasFlag(BackupEncoding.Zstd) ? new SeekableZstdWriter(encoder)
            : encoder;
        (Encoding, Keys) = (encoding, keys);
    }

    /// <summary>What is done to the bytes.</summary>
    public BackupEncoding Encoding { get; }

    /// <summary>The public half of the key that new backups are encrypted to; null when they are not.</summary>
    public string? KeyId => Keys?.Recipients[0].Text;

    /// <summary>Whom it is encrypted to; null when it is not.</summary>
    internal AgeKeyring? Keys { get; }

    /// <summary>The snapshot as it came, whole once sealed.</summary>
    public string LocalPath => _plain?.Path ?? _pending.LocalPath;

    /// <summary>Bytes of the object so far.</summary>
    public long StoredSize => _object.Length;

    /// <summary>Begins.</summary>
    /// <param name="store">Where it goes.</param>
    /// <param name="folder">Its folder there.</param>
    /// <param name="expectedSize">About how many bytes will come.</param>
    /// <param name="encoding">What is done to them.</param>
    /// <param name="keys">For encryption.</param>
    /// <param name="scratch">For the plain bytes, when they are not what is stored.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupKeyException">There is no key.</exception>
    /// <exception cref="StoreFullException">There is no room.</exception>
    public static async Task<PendingBackup> BeginAsync(
        IBackupStore store,
        string folder,
        long expectedSize,
        BackupEncoding encoding,
        AgeFiles keys,
        Scratch scratch,
        CancellationToken cancellationToken)
    {
        if (encoding == BackupEncoding.None)
        {
            return new PendingBackup(await store.BeginAsync(folder, expectedSize, cancellationToken), encoding, null, null);
        }

        var keyring = encoding.HasFlag(BackupEncoding.Age) ? keys.Read() : null;
        var plain = await scratch.CreateAsync(expectedSize, cancellationToken);
        try
        {
            // Compressed, it will be smaller; how much so nobody knows yet.
            var pending = await store.BeginAsync(folder, encoding.HasFlag(BackupEncoding.Zstd) ? 0 : expectedSize, cancellationToken);
            return new PendingBackup(pending, encoding, plain, keyring);
        }
        catch
        {
            plain.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="IPendingObject.Expect"/>
    public void Expect(string name) => _pending.Expect(name);

    /// <inheritdoc cref="IPendingObject.AppendAsync"/>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_encoder is null)
        {
            await _object.AppendAsync(bytes, cancellationToken);
            return;
        }

        await _plain!.AppendAsync(bytes, cancellationToken);
        await _encoder.AppendAsync(bytes, cancellationToken);
    }

    /// <inheritdoc cref="IPendingObject.Seal"/>
    public async ValueTask SealAsync(CancellationToken cancellationToken)
    {
        if (_plain is not null)
        {
            await _plain.TrimAsync(cancellationToken);
        }

        if (_encoder is not null)
        {
            await _encoder.FinishAsync(cancellationToken);
        }

        await _pending.SealAsync(cancellationToken);
    }

    /// <inheritdoc cref="IPendingObject.TryCommitAsync"/>
    public Task<bool> TryCommitAsync(string name, CancellationToken cancellationToken) =>
        _pending.TryCommitAsync(name, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _encoder?.Dispose();
        try
        {
            _plain?.Dispose();
        }
        finally
        {
            await _pending.DisposeAsync();
        }
    }

    private sealed class ObjectSink(IPendingObject pending) : IByteSink
    {
        public long Length { get; private set; }

        public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            await pending.AppendAsync(bytes, cancellationToken);
            Length += bytes.Length;
        }

        public ValueTask FinishAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Dispose()
        {
            // the pending object goes with the backup
        }
    }
}

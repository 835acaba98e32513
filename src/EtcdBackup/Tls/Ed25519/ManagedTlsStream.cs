using Org.BouncyCastle.Tls;

namespace EtcdBackup.Tls.Ed25519;

/// <summary>A TLS connection that the library's state machine makes: bytes of the network go in and come out of it.</summary>
internal sealed class ManagedTlsStream : Stream
{
    private readonly Stream _connection;
    private readonly TlsClientProtocol _tls = new();

    // The machine is asked by one thread at a time, and its records go out in the order in which it made them.
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _received = new byte[32 * 1024];

    private ManagedTlsStream(Stream connection) => _connection = connection;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Shakes hands.</summary>
    /// <exception cref="IOException">There is no handshake; an alert of the other side is in the message.</exception>
    public static async Task<ManagedTlsStream> StartAsync(Stream connection, Ed25519Client client, CancellationToken cancellationToken)
    {
        var stream = new ManagedTlsStream(connection);
        stream._tls.Connect(client);
        await stream.SendAsync(cancellationToken);
        while (stream._tls.IsHandshaking)
        {
            if (!await stream.ReceiveAsync(cancellationToken))
            {
                throw new IOException("the connection was ended within the handshake");
            }
        }

        return stream;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Nothing may be taken from who asks for nothing: HTTP waits for the first bytes like that.
        while (Available() == 0)
        {
            if (!await ReceiveAsync(cancellationToken))
            {
                return 0;
            }
        }

        lock (_gate)
        {
            // The library takes arrays alone.
            var read = new byte[Math.Min(buffer.Length, _tls.GetAvailableInputBytes())];
            _tls.ReadInput(read, 0, read.Length);
            read.CopyTo(buffer);
            return read.Length;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            lock (_gate)
            {
                _tls.WriteApplicationData(buffer.Span);
            }

            await _connection.WriteAsync(Output(), cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => _connection.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush() => _connection.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _connection.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Available()
    {
        lock (_gate)
        {
            return _tls.GetAvailableInputBytes();
        }
    }

    // False if the other side sends nothing more.
    private async Task<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        var count = await _connection.ReadAsync(_received, cancellationToken);
        if (count == 0)
        {
            return false;
        }

        try
        {
            lock (_gate)
            {
                _tls.OfferInput(_received, 0, count);
            }
        }
        catch (TlsFatalAlertReceived e)
        {
            // As OpenSSL words it.
            var alert = AlertDescription.GetName(e.AlertDescription).Replace('_', ' ');
            throw new IOException($"the other side ended it with the alert {alert}", e);
        }
        catch (TlsFatalAlert)
        {
            await TellAsync(cancellationToken);
            throw;
        }

        await SendAsync(cancellationToken);
        return !_tls.IsClosed || Available() > 0;
    }

    // Our own alert. What was wrong matters more than whether the other side could still be told.
    private async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(cancellationToken);
        }
        catch (IOException)
        {
            // it has ended the connection
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            if (Output() is { Length: > 0 } output)
            {
                await _connection.WriteAsync(output, cancellationToken);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private byte[] Output()
    {
        lock (_gate)
        {
            var output = new byte[_tls.GetAvailableOutputBytes()];
            _tls.ReadOutput(output, 0, output.Length);
            return output;
        }
    }
}

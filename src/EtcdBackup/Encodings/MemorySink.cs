namespace EtcdBackup.Encodings;

/// <summary>Ends a chain of sinks in memory.</summary>
internal sealed class MemorySink(MemoryStream stream) : IByteSink
{
    public ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        stream.WriteAsync(bytes, cancellationToken);

    public ValueTask FinishAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Dispose()
    {
        // the bytes are the caller's
    }
}

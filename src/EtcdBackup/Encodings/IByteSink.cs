namespace EtcdBackup.Encodings;

/// <summary>Takes bytes one after the other, changes them, and passes them on.</summary>
internal interface IByteSink : IDisposable
{
    /// <summary>Takes the next bytes; the caller may reuse its buffer when this returns.</summary>
    ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Ends the input: passes on what was kept back.</summary>
    ValueTask FinishAsync(CancellationToken cancellationToken);
}

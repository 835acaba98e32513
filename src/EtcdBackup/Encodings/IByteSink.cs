namespace EtcdBackup.Encodings;

/// <summary>Takes bytes one after the other, changes them, and passes them on.</summary>
internal interface IByteSink : IDisposable
{
    /// <summary>Takes the next bytes; they are the caller's again when this returns.</summary>
    ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>No more come: passes on what was held back.</summary>
    ValueTask FinishAsync(CancellationToken cancellationToken);
}

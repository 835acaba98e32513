namespace EtcdBackup.Encodings;

/// <summary>Reads exact parts of a stream.</summary>
internal static class StreamParts
{
    /// <summary>Reads N bytes from a position on, without a seek (which costs a request) if the stream is there already.</summary>
    public static async ValueTask ReadExactlyAtAsync(
        this Stream stream, long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (stream.Position != position)
        {
            stream.Position = position;
        }

        await stream.ReadExactlyAsync(buffer, cancellationToken);
    }
}

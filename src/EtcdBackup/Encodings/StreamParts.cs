namespace EtcdBackup.Encodings;

/// <summary>Reads exact parts of a stream.</summary>
internal static class StreamParts
{
    /// <summary>Reads so many bytes from a position on, without a seek when the stream is there already (a seek costs a request).</summary>
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

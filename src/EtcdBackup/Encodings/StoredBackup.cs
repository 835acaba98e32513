using EtcdBackup.Encodings.Age;
using EtcdBackup.Encodings.Zstd;
using EtcdBackup.Stores;

namespace EtcdBackup.Encodings;

/// <summary>Opens stored bytes as the snapshot that they were.</summary>
internal static class StoredBackup
{
    private const int BlockSize = 256 * 1024;

    /// <summary>Opens it; the stream can seek.</summary>
    /// <exception cref="EncodingException">The bytes are damaged, or no key fits.</exception>
    public static async Task<Stream> OpenAsync(Stream stored, BackupEncoding encoding, AgeFiles keys, CancellationToken cancellationToken)
    {
        try
        {
            stored = encoding.HasFlag(BackupEncoding.Age) ? await AgeReader.OpenAsync(stored, keys.Read(), cancellationToken) : stored;
            return encoding.HasFlag(BackupEncoding.Zstd) ? await SeekableZstdReader.OpenAsync(stored, cancellationToken) : stored;
        }
        catch
        {
            await stored.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gets the snapshot as a local file: the stored file if that is the snapshot, else a copy.</summary>
    /// <param name="snapshot">As opened; it is disposed.</param>
    /// <param name="scratch">For the copy.</param>
    /// <param name="pace">Called with the bytes read so far, to limit the speed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LocalCopy> GetLocalAsync(
        Stream snapshot, Scratch scratch, Func<long, ValueTask> pace, CancellationToken cancellationToken)
    {
        await using (snapshot)
        {
            if (ILocalFile.PathOf(snapshot) is { } path)
            {
                return new LocalCopy(path, null);
            }

            var copy = await scratch.CreateAsync(snapshot.Length, cancellationToken);
            try
            {
                var buffer = new byte[BlockSize];
                for (int count; (count = await snapshot.ReadAsync(buffer, cancellationToken)) > 0;)
                {
                    await copy.AppendAsync(buffer.AsMemory(0, count), cancellationToken);
                    await pace(copy.Length);
                }

                return new LocalCopy(copy.Path, copy);
            }
            catch
            {
                copy.Dispose();
                throw;
            }
        }
    }
}

using EtcdBackup.Stores.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Stores;

/// <summary>A file in the making, gone when disposed.</summary>
public sealed class ScratchFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly SilenceLimit? _limit;
    private Task? _left;

    internal ScratchFile(string path, long expectedSize, SilenceLimit? limit)
    {
        (Path, _limit) = (path, limit);
        try
        {
            // Room is reserved at once, so that a disk that is too small fails now and not after half an hour.
            _file = File.OpenHandle(
                path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None, expectedSize);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            File.Delete(path);
            throw Full(e);
        }
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Bytes in it.</summary>
    public long Length { get; private set; }

    internal SafeFileHandle Handle => _file;

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="StoreFullException">There is no more room.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_file, bytes, Length);
            Length += bytes.Length;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw Full(e);
        }
    }

    /// <summary>Like <see cref="Append"/>, and a file system that hangs does not hang its caller.</summary>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        await DoAsync("room for more bytes", () => Append(bytes.Span), cancellationToken);

    /// <summary>Gives back the room that was reserved and not needed.</summary>
    public void Trim() => RandomAccess.SetLength(_file, Length);

    /// <summary>Like <see cref="Trim"/>, and a file system that hangs does not hang its caller.</summary>
    public async ValueTask TrimAsync(CancellationToken cancellationToken) => await DoAsync("the end of a file", Trim, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_left is { IsCompleted: false } left)
        {
            // Its name would have to be taken from a file system that hangs.
            _ = left.ContinueWith(_ => Close(), TaskScheduler.Default);
            return;
        }

        Close();
    }

    private void Close()
    {
        _file.Dispose();
        File.Delete(Path);
    }

    private async Task DoAsync(string what, Action call, CancellationToken cancellationToken)
    {
        if (_limit is null)
        {
            call();
            return;
        }

        if (_left is not null)
        {
            throw new StoreException($"a write to the scratch file '{Path}' was given up, so it cannot go on: the next run tries again");
        }

        try
        {
            await _limit.RunAsync(
                what,
                _ =>
                {
                    call();
                    return Task.FromResult(true);
                },
                cancellationToken,
                onLeft: work => _left = work);
        }
        catch (Exception e) when (StoreErrors.IsForeign(e, cancellationToken))
        {
            throw StoreErrors.Of($"the scratch directory of '{Path}'", what, e);
        }
    }

    private StoreFullException Full(IOException e) => DiskFull.Because(System.IO.Path.GetDirectoryName(Path)!, e);
}

using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Stores.FileSystem;

/// <summary>A scratch file that becomes a backup by a hard link: that never replaces what has the name already.</summary>
internal sealed class PendingFile : IPendingObject
{
    // Written-back in the background every so often, the final fsync finds little left to do.
    private const long FlushEvery = 32 * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private readonly string _folder;
    private long _length;
    private long _flushedAt;
    private Task _flush = Task.CompletedTask;
    private bool _sealed;

    public PendingFile(string path, string folder, long expectedSize)
    {
        LocalPath = path;
        _folder = folder;
        try
        {
            // Room is taken at once, so a store too small fails now and not after half an hour.
            _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.None, expectedSize);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            File.Delete(path);
            throw DiskFull.Because(folder, e);
        }
    }

    public string LocalPath { get; }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            RandomAccess.Write(_file, bytes.Span, _length);
            _length += bytes.Length;
            if (_length - _flushedAt >= FlushEvery && _flush.IsCompleted)
            {
                await _flush;
                _flushedAt = _length;
                _flush = FlushAfterAsync(_flush);
            }
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw DiskFull.Because(_folder, e);
        }
    }

    public void Seal()
    {
        _sealed = true;
        RandomAccess.SetLength(_file, _length);
        _flush = FlushAfterAsync(_flush);
    }

    public async Task<bool> TryCommitAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            if (!_sealed)
            {
                Seal();
            }

            await _flush;
            cancellationToken.ThrowIfCancellationRequested();
            DirectorySync.Create(_folder);
            if (!DirectorySync.TryLink(LocalPath, Path.Combine(_folder, name)))
            {
                return false;
            }

            DirectorySync.Flush(_folder);
            return true;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw DiskFull.Because(_folder, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _flush.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _file.Dispose();
        File.Delete(LocalPath);
    }

    private async Task FlushAfterAsync(Task previous)
    {
        await previous;
        await Task.Run(() => RandomAccess.FlushToDisk(_file));
    }
}

namespace EtcdBackup.Stores.FileSystem;

/// <summary>A scratch file that becomes a backup by a hard link, which never replaces an existing file of that name.</summary>
internal sealed class PendingFile(ScratchFile file, string folder) : IPendingObject
{
    // Written pages are flushed in the background at this interval, so that the final fsync has little to do.
    private const long FlushEvery = 32 * 1024 * 1024;

    private long _flushedAt;
    private Task _flush = Task.CompletedTask;
    private bool _sealed;

    public string LocalPath => file.Path;

    public void Expect(string name)
    {
        // a link can give any name at once
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        file.Append(bytes.Span);
        if (file.Length - _flushedAt >= FlushEvery && _flush.IsCompleted)
        {
            await TellFullAsync(() => _flush);
            _flushedAt = file.Length;
            _flush = FlushAfterAsync(_flush);
        }
    }

    public void Seal()
    {
        _sealed = true;
        file.Trim();
        _flush = FlushAfterAsync(_flush);
    }

    public Task<bool> TryCommitAsync(string name, CancellationToken cancellationToken) => TellFullAsync(async () =>
    {
        if (!_sealed)
        {
            Seal();
        }

        await _flush;
        cancellationToken.ThrowIfCancellationRequested();
        DirectorySync.Create(folder);
        if (!DirectorySync.TryLink(file.Path, Path.Combine(folder, name)))
        {
            return false;
        }

        DirectorySync.Flush(folder);
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        await _flush.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        file.Dispose();
    }

    private async Task FlushAfterAsync(Task previous)
    {
        await previous;
        await Task.Run(() => RandomAccess.FlushToDisk(file.Handle));
    }

    private async Task TellFullAsync(Func<Task> work) => await TellFullAsync(async () =>
    {
        await work();
        return true;
    });

    private async Task<T> TellFullAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw DiskFull.Because(folder, e);
        }
    }
}

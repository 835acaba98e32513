using System.Runtime.CompilerServices;

namespace EtcdBackup.Stores.FileSystem;

/// <summary>
/// Backups in a directory. Written in <c>.scratch</c> beside the tree (the same file system, so that the commit is one link),
/// made durable, and only then given their name.
/// </summary>
internal sealed class FileSystemStore(string root, TimeProvider time) : IBackupStore
{
    private readonly Scratch _scratch = new(Path.Combine(root, StoreLayout.Hidden), time);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var path = PathOf(folder);
        if (!IsThere(path))
        {
            yield break;
        }

        foreach (var file in new DirectoryInfo(path).EnumerateFiles())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Describe(file) is { } found)
            {
                yield return found;
            }
        }
    }

    /// <inheritdoc/>
    public Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult(Describe(new FileInfo(PathOf(key))));

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream>(new FileStream(PathOf(key), new FileStreamOptions
            {
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.SequentialScan,
            }));
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FileNotFoundException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken) =>
        Task.FromResult<IPendingObject>(new PendingFile(_scratch.Create(expectedSize), PathOf(folder)));

    /// <inheritdoc/>
    public async Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(key), cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = PathOf(key);

        // Locked until it has its name: otherwise a sweep might delete it.
        using var file = _scratch.Create(content.Length);
        file.Append(content.Span);
        try
        {
            RandomAccess.FlushToDisk(file.Handle);
            File.Move(file.Path, path, overwrite: true);
            DirectorySync.Flush(Path.GetDirectoryName(path)!);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw DiskFull.Because(path, e);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(PathOf(key));
        }
        catch (DirectoryNotFoundException)
        {
            // deleted already, with its folder
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken) =>
        Task.FromResult(_scratch.Sweep(age, cancellationToken));

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken)
    {
        var probe = _scratch.NewPath();
        File.WriteAllBytes(probe, []);
        File.Delete(probe);
        return Task.CompletedTask;
    }

    // "Exists" also returns false for a stale mount and without permission: a full store would then count as an empty one.
    private static bool IsThere(string path)
    {
        try
        {
            _ = File.GetAttributes(path);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static StoredObject? Describe(FileInfo file)
    {
        if (!file.Exists)
        {
            _ = IsThere(file.FullName);
            return null;
        }

        var written = file.LastWriteTimeUtc;
        return new StoredObject(file.Name, file.Length, new DateTimeOffset(written), $"{written.Ticks}-{file.Length}");
    }

    private string PathOf(string key)
    {
        var path = Path.GetFullPath(Path.Combine(root, key));
        return path.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new ArgumentException($"'{key}' lies outside the store", nameof(key));
    }
}

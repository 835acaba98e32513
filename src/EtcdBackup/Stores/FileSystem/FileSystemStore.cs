using System.Runtime.CompilerServices;

namespace EtcdBackup.Stores.FileSystem;

/// <summary>
/// Backups in a directory. Written in <c>.scratch</c> beside the tree (the same file system, so that the commit is one link),
/// made durable, and only then given their name.
/// </summary>
internal sealed class FileSystemStore(string root, TimeProvider time) : IBackupStore
{
    private readonly MountPoint _mount = new(Path.GetFullPath(root));
    private bool _isMade;
    private readonly Scratch _scratch = new(Path.Combine(root, StoreLayout.Hidden), time);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        _mount.Check();
        var path = FolderOf(folder);
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
        var path = PathOf(key);
        if (IsLink(path))
        {
            throw new FileNotFoundException($"'{path}' is a symbolic link, and those are not followed");
        }

        try
        {
            return Task.FromResult<Stream>(new FileStream(path, new FileStreamOptions
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
    public Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken)
    {
        _mount.Check();
        return Task.FromResult<IPendingObject>(new PendingFile(_scratch.Create(expectedSize), FolderOf(folder)));
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        try
        {
            return IsLink(path) ? null : await File.ReadAllBytesAsync(path, cancellationToken);
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
        _mount.Check();

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
        _mount.Check();
        if (!_isMade)
        {
            Directory.CreateDirectory(root);
            _isMade = true;
        }
        else if (!IsThere(root))
        {
            throw new DirectoryNotFoundException($"'{root}' is gone. Restore or mount it, and restart the service");
        }

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

        if (file.Attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            return null;
        }

        var written = file.LastWriteTimeUtc;
        return new StoredObject(file.Name, file.Length, new DateTimeOffset(written), $"{written.Ticks}-{file.Length}");
    }

    private string FolderOf(string folder) => Path.GetDirectoryName(PathOf(Path.Combine(folder, "any")))!;

    // Whoever can write to the volume could have the service hand out, or write over, any file that it may.
    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private string PathOf(string key)
    {
        var (path, top) = (Path.GetFullPath(Path.Combine(root, key)), Path.GetFullPath(root));
        if (!path.StartsWith(top + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{key}' lies outside the store", nameof(key));
        }

        for (var folder = Path.GetDirectoryName(path)!; folder.Length > top.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (IsLink(folder))
            {
                throw new IOException($"'{folder}' is a symbolic link, and those are not followed: mount the other place there instead");
            }
        }

        return path;
    }
}

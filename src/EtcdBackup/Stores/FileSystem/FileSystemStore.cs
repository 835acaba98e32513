using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace EtcdBackup.Stores.FileSystem;

/// <summary>
/// Backups in a directory. Written in <c>.scratch</c> at the top of the same file system (so that the commit is one link), made
/// durable, and only then given their name.
/// </summary>
internal sealed class FileSystemStore(string root, TimeProvider time) : IBackupStore
{
    private readonly string _top = Mounts.Resolve(root);
    private readonly Mounts _mounts = new();
    private readonly ConcurrentDictionary<string, Scratch> _scratches = new(StringComparer.Ordinal);
    private bool _isMade;

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var path = FolderOf(folder);
        _mounts.Check(_top, path);
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
        var path = FolderOf(folder);
        return Task.FromResult<IPendingObject>(new PendingFile(ScratchFor(path).Create(expectedSize), path));
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
        Place(PathOf(key), content, (file, path) =>
        {
            File.Move(file, path, overwrite: true);
            return true;
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> TryWriteNewAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        Task.FromResult(Place(PathOf(key), content, DirectorySync.TryLink));

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
        Task.FromResult(_scratches.Keys.Append(_top).Distinct().Sum(p => ScratchAt(p).Sweep(age, cancellationToken)));

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken)
    {
        _mounts.Check(_top);
        if (!_isMade)
        {
            Directory.CreateDirectory(_top);
            _isMade = true;
        }
        else if (!IsThere(_top))
        {
            throw new DirectoryNotFoundException($"'{root}' is gone. Restore or mount it, and restart the service");
        }

        var probe = ScratchAt(_top).NewPath();
        File.WriteAllBytes(probe, []);
        File.Delete(probe);
        return Task.CompletedTask;
    }

    // "Exists" also returns false for a stale mount and without permission: a full store would then count as an empty one.
    private bool Place(string path, ReadOnlyMemory<byte> content, Func<string, string, bool> name)
    {
        // Locked until it has its name: otherwise a sweep might delete it.
        var folder = Path.GetDirectoryName(path)!;
        using var file = ScratchFor(folder).Create(content.Length);
        file.Append(content.Span);
        try
        {
            RandomAccess.FlushToDisk(file.Handle);
            DirectorySync.Create(folder);
            var isPlaced = name(file.Path, path);
            DirectorySync.Flush(folder);
            return isPlaced;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw DiskFull.Because(path, e);
        }
    }

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

    // A volume for a cluster or a namespace may be mounted in the store: a link does not lead from one file system to another.
    private Scratch ScratchFor(string folder)
    {
        var point = _mounts.Check(_top, folder);
        return ScratchAt(IsBelowTop(point) ? point : _top);
    }

    private Scratch ScratchAt(string directory) =>
        _scratches.GetOrAdd(directory, d => new Scratch(Path.Combine(d, StoreLayout.Hidden), time));

    private bool IsBelowTop(string path) => path.StartsWith(_top + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private string FolderOf(string folder) => Path.GetDirectoryName(PathOf(Path.Combine(folder, "any")))!;

    // Whoever can write to the volume could have the service hand out, or write over, any file that it may.
    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private string PathOf(string key)
    {
        var path = Path.GetFullPath(Path.Combine(_top, key));
        if (!IsBelowTop(path))
        {
            throw new ArgumentException($"'{key}' lies outside the store", nameof(key));
        }

        for (var folder = Path.GetDirectoryName(path)!; folder.Length > _top.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (IsLink(folder))
            {
                throw new IOException($"'{folder}' is a symbolic link, and those are not followed: mount the other place there instead");
            }
        }

        return path;
    }
}

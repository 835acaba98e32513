using EtcdBackup.Stores.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Stores;

/// <summary>A directory for files that are not backups yet. What a dead process left there goes by age.</summary>
public sealed class Scratch(string directory, TimeProvider time)
{
    /// <summary>Makes a file of a unique name, with room for so many bytes.</summary>
    /// <exception cref="StoreFullException">There is no such room.</exception>
    public ScratchFile Create(long expectedSize) => new(NewPath(), expectedSize);

    /// <summary>A unique path for a file, in the directory that exists from now on.</summary>
    public string NewPath()
    {
        Directory.CreateDirectory(directory);
        return Path.Combine(directory, Guid.NewGuid().ToString("N"));
    }

    /// <summary>Removes files that nobody wrote to for so long.</summary>
    /// <returns>How many went.</returns>
    public int Sweep(TimeSpan age, CancellationToken cancellationToken)
    {
        var scratch = new DirectoryInfo(directory);
        var swept = 0;
        foreach (var file in scratch.Exists ? scratch.EnumerateFiles() : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.GetUtcNow() - file.LastWriteTimeUtc > age)
            {
                file.Delete();
                swept++;
            }
        }

        return swept;
    }
}

/// <summary>A file in the making, gone when disposed.</summary>
public sealed class ScratchFile : IDisposable
{
    private readonly SafeFileHandle _file;

    internal ScratchFile(string path, long expectedSize)
    {
        Path = path;
        try
        {
            // Room is taken at once, so a disk too small fails now and not after half an hour.
            _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None, expectedSize);
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

    /// <summary>Gives back the room that was taken and not needed.</summary>
    public void Trim() => RandomAccess.SetLength(_file, Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        File.Delete(Path);
    }

    private StoreFullException Full(IOException e) => DiskFull.Because(System.IO.Path.GetDirectoryName(Path)!, e);
}

using EtcdBackup.Stores.FileSystem;

namespace EtcdBackup.Stores;

/// <summary>
/// A directory for files that are not backups yet. Each is locked while its owner lives; a file of a dead process has no lock, and is
/// removed by age.
/// </summary>
public sealed class Scratch(string directory, TimeProvider time)
{
    internal const string VerifyFolder = "verify";
    internal const string SpoolFolder = "log";

    // Nobody fetches what waited this long for a store: its cluster is served elsewhere, or gone.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    /// <summary>
    /// Whether to refuse a file that would not leave as much room again, so that reading backups back never takes the room of a new one.
    /// </summary>
    public bool KeepsRoomForBackups { get; init; }

    internal Func<string, long> FreeSpace { get; init; } = path => new DriveInfo(path).AvailableFreeSpace;

    /// <summary>Limits the silence of the file system; without it calls are not limited.</summary>
    internal SilenceLimit? Limit { get; init; }

    /// <summary>Creates a file with a unique name, and room for this many bytes.</summary>
    /// <exception cref="StoreFullException">There is no such room.</exception>
    public ScratchFile Create(long expectedSize)
    {
        while (true)
        {
            ScratchFile file;
            try
            {
                file = new ScratchFile(NewPath(), expectedSize, Limit);
            }
            catch (IOException e) when (FileLock.IsHeld(e))
            {
                continue;
            }

            try
            {
                KeepRoom(expectedSize);
            }
            catch
            {
                file.Dispose();
                throw;
            }

            // A sweep may have come between its making and its lock.
            if (FileLock.TryHold(file.Handle) && File.Exists(file.Path))
            {
                return file;
            }

            file.Dispose();
        }
    }

    /// <summary>Like <see cref="Create"/>, and a file system that hangs does not hang its caller.</summary>
    public async Task<ScratchFile> CreateAsync(long expectedSize, CancellationToken cancellationToken)
    {
        if (Limit is null)
        {
            return Create(expectedSize);
        }

        try
        {
            return await Limit.RunAsync("room for a file", _ => Task.FromResult(Create(expectedSize)), cancellationToken);
        }
        catch (Exception e) when (StoreErrors.IsForeign(e, cancellationToken))
        {
            throw StoreErrors.Of($"the scratch directory '{directory}'", "room for a file", e);
        }
    }

    /// <summary>A unique path for a file, in the directory that exists from now on.</summary>
    public string NewPath()
    {
        Directory.CreateDirectory(directory);
        return Path.Combine(directory, Guid.NewGuid().ToString("N"));
    }

    /// <summary>Removes files that are not locked and were not written to for this long, including those of verifications.</summary>
    /// <returns>How many were removed.</returns>
    public int Sweep(TimeSpan age, CancellationToken cancellationToken) =>
        Sweep("", age, SearchOption.TopDirectoryOnly, cancellationToken) +
        Sweep(VerifyFolder, age, SearchOption.TopDirectoryOnly, cancellationToken) +
        Sweep(SpoolFolder, LongestWait, SearchOption.AllDirectories, cancellationToken);

    private int Sweep(string subfolder, TimeSpan age, SearchOption depth, CancellationToken cancellationToken)
    {
        var swept = 0;
        var folder = new DirectoryInfo(Path.Combine(directory, subfolder));
        foreach (var file in folder.Exists ? folder.EnumerateFiles("*", depth) : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.GetUtcNow() - file.LastWriteTimeUtc > age && FileLock.TryDelete(file.FullName))
            {
                swept++;
            }
        }

        return swept;
    }

    private void KeepRoom(long expectedSize)
    {
        if (KeepsRoomForBackups && FreeSpace(directory) < expectedSize)
        {
            throw new StoreFullException(
                $"no room in '{directory}' to read a backup of {expectedSize} bytes back: room is kept for backups, and less than as " +
                "much again would stay free. Free space, or give the scratch directory a larger disk");
        }
    }
}

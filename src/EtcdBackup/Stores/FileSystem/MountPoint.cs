namespace EtcdBackup.Stores.FileSystem;

/// <summary>
/// The file system that a directory is on. When it is unmounted, what is below shows up: an empty directory, on which a store would find no
/// backups, and write new ones beside the volume.
/// </summary>
/// <param name="directory">The directory.</param>
/// <param name="mounts">The machine's mounts, as proc(5) has them in <c>mountinfo</c>.</param>
internal sealed class MountPoint(string directory, Func<IEnumerable<string>> mounts)
{
    // proc(5): id, parent, device as major:minor, root, mount point, …
    private const string Mounts = "/proc/self/mountinfo";

    private string? _first;

    /// <summary>That of this machine; without <c>/proc</c> there is nothing to see.</summary>
    public MountPoint(string directory)
        : this(directory, () => File.Exists(Mounts) ? File.ReadLines(Mounts) : [])
    {
    }

    /// <summary>Throws if it is another one than at the first call.</summary>
    /// <exception cref="IOException">It was unmounted, or something was mounted over it.</exception>
    public void Check()
    {
        var now = Find(mounts(), directory);
        var first = Interlocked.CompareExchange(ref _first, now, null) ?? now;
        if (first != now)
        {
            throw new IOException($"'{directory}' was on the file system {first} and is on {now} now: nothing is read or written " +
                "there. Mount it again, or restart the service if this is meant");
        }
    }

    /// <summary>The mount that holds a directory: the longest one that leads to it, the last one of equals.</summary>
    private static string Find(IEnumerable<string> mounts, string directory)
    {
        var found = (Point: "", Device: "?");
        foreach (var parts in mounts.Select(m => m.Split(' ')).Where(p => p.Length > 4))
        {
            // Blanks are written as \040.
            var point = parts[4].Replace("\\040", " ", StringComparison.Ordinal);
            if (point.Length >= found.Point.Length && Leads(point, directory))
            {
                found = (point, parts[2]);
            }
        }

        return $"{found.Device} at '{found.Point}'";
    }

    private static bool Leads(string point, string directory) =>
        point == "/" || directory == point || directory.StartsWith(point + "/", StringComparison.Ordinal);
}

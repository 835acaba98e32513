using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace EtcdBackup.Stores.FileSystem;

/// <summary>
/// The file systems that directories are on. When one is unmounted, what is below shows up: an empty directory, on which a store would find
/// no backups, and write new ones beside the volume.
/// </summary>
/// <param name="mounts">The machine's mounts, as proc(5) has them in <c>mountinfo</c>.</param>
internal sealed partial class Mounts(Func<IEnumerable<string>> mounts)
{
    // proc(5): id, parent, device as major:minor, root, mount point, …
    private const string Source = "/proc/self/mountinfo";

    // path_resolution(7)
    private const int MostLinks = 40;

    private readonly ConcurrentDictionary<string, string> _first = new(StringComparer.Ordinal);

    /// <summary>Those of this machine; without <c>/proc</c> there is nothing to see.</summary>
    public Mounts()
        : this(() => File.Exists(Source) ? File.ReadLines(Source) : [])
    {
    }

    /// <summary>Throws if one of these directories is on another file system than at its first call.</summary>
    /// <returns>Where the file system of the last one is mounted.</returns>
    /// <exception cref="IOException">It was unmounted, or something was mounted over it.</exception>
    public string Check(params ReadOnlySpan<string> directories)
    {
        var all = mounts().Select(m => m.Split(' ')).Where(p => p.Length > 4).ToList();
        var point = "";
        foreach (var directory in directories)
        {
            (point, var device) = Find(all, directory);
            var now = $"{device} at '{point}'";
            var first = _first.GetOrAdd(directory, now);
            if (first != now)
            {
                throw new IOException($"'{directory}' was on the file system {first} and is on {now} now: nothing is read or written " +
                    "there. Mount it again, or restart the service if this is meant");
            }
        }

        return point;
    }

    /// <summary>A path without symbolic links, as the machine's mounts name it.</summary>
    /// <exception cref="IOException">Its links lead in a circle.</exception>
    public static string Resolve(string path)
    {
        var (resolved, left, followed) = ("/", new Stack<string>(Parts(path)), 0);
        while (left.TryPop(out var part))
        {
            var next = new DirectoryInfo(Path.Combine(resolved, part));
            if (next.LinkTarget is not { } target)
            {
                resolved = next.FullName;
                continue;
            }

            if (++followed > MostLinks)
            {
                throw new IOException($"'{path}' leads through more than {MostLinks} symbolic links: they lead in a circle");
            }

            foreach (var step in Parts(Path.Combine(resolved, target)))
            {
                left.Push(step);
            }

            resolved = "/";
        }

        return resolved;

        // the first one is to be popped first
        static IEnumerable<string> Parts(string whole) =>
            Path.GetFullPath(whole).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse();
    }

    /// <summary>The mount that holds a directory: the longest one that leads to it, the last one of equals.</summary>
    private static (string Point, string Device) Find(IEnumerable<string[]> mounts, string directory)
    {
        var found = (Point: "", Device: "?");
        foreach (var parts in mounts)
        {
            var point = Escapes().Replace(parts[4], m => $"{(char)Convert.ToInt32(m.Value[1..], 8)}");
            if (point.Length >= found.Point.Length && Leads(point, directory))
            {
                found = (point, parts[2]);
            }
        }

        return found;
    }

    // Blanks, tabs, line feeds and backslashes are written in octal.
    [GeneratedRegex(@"\\[0-7]{3}")]
    private static partial Regex Escapes();

    private static bool Leads(string point, string directory) =>
        point == "/" || directory == point || directory.StartsWith(point + "/", StringComparison.Ordinal);
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EtcdBackup.Testing;

/// <summary>Where things are: the checkout, the cache of fetched servers, scratch directories.</summary>
public static class Workspace
{
    private static readonly ConcurrentDictionary<int, bool> GivenOut = new();
    private static readonly (int From, int To, FileStream? Lock) Range = ReserveRange();

    public static string Root { get; } = FindRoot();

    public static string Cache { get; } = Environment.GetEnvironmentVariable("ETCDBACKUP_CACHE") ??
        Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "etcdbackup");

    /// <summary>A tool of etcd's, fetched on first use.</summary>
    public static string EtcdTool(string suite, string tool)
    {
        var path = Path.Combine(Cache, "etcd", suite, "usr/bin", tool);
        if (!File.Exists(path))
        {
            using var fetch = Process.Start(Path.Combine(Root, "scripts/fetch-etcd"), suite);
            fetch.WaitForExit();
        }

        return File.Exists(path) ? path : throw new FileNotFoundException($"scripts/fetch-etcd {suite} brought no {tool}");
    }

    /// <summary>
    /// Ports that nobody listens on, each given out once: processes of tests that run side by side take them from ranges of their own. They
    /// lie below those that the kernel gives to outgoing connections
    /// (ip_local_port_range): one of these may be taken before a server gets to it.
    /// </summary>
    public static int[] FreePorts(int count)
    {
        var ports = new List<int>();
        while (ports.Count < count)
        {
            var port = Random.Shared.Next(Range.From, Range.To);
            if (GivenOut.TryAdd(port, true) && IsFree(port))
            {
                ports.Add(port);
            }
        }

        return [.. ports];
    }

    /// <summary>Waits for a condition; the limit only ends a test that would hang.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 300)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
            {
                throw new TimeoutException($"waited {seconds} s in vain: {what}");
            }

            // Soon at first; what takes long is not made longer by being asked all the time.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(watch.ElapsedMilliseconds / 10, 50, 250)));
        }
    }

    // The lock lasts as long as the process.
    private static (int From, int To, FileStream? Lock) ReserveRange()
    {
        const int From = 10_000, Size = 5_500, Ranges = 4;
        for (var i = 0; i < Ranges; i++)
        {
            try
            {
                var name = Path.Combine(Path.GetTempPath(), $"etcdbackup-test-ports-{i}");
                var file = new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return (From + (i * Size), From + ((i + 1) * Size), file);
            }
            catch (IOException)
            {
                // another process has it
            }
        }

        return (From, From + (Ranges * Size), null);
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "EtcdBackup.Orleans.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new DirectoryNotFoundException("no checkout around " + AppContext.BaseDirectory);
    }
}

/// <summary>A directory that goes with its owner.</summary>
public sealed class ScratchDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("etcdbackup-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

using EtcdBackup.Cli.Exits;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Cli.Inspecting;

/// <summary>Reads a snapshot that is a file of this machine.</summary>
internal static class LocalSnapshot
{
    private const string StandardInput = "-";

    /// <summary>Reads what <c>etcdutl snapshot status</c> tells, or everything: also the SHA-256 at its end, its keys and HashKV.</summary>
    /// <exception cref="SnapshotCorruptException">It is no sound database.</exception>
    /// <exception cref="CommandException">There is no such file, it cannot be read, or is not a plain snapshot.</exception>
    public static async Task<FileReport> ReadAsync(string path, bool everything, CancellationToken stop)
    {
        return await OfAsync(path, async () =>
        {
            using var file = File.OpenHandle(path);
            var size = RandomAccess.GetLength(file);
            var trailer = SnapshotDigest.TrailerOf(path);
            if (!everything)
            {
                var (report, hash) = await Task.Run(() => SnapshotInspector.InspectStatus(path, stop), stop);
                return new FileReport(path, size, trailer, null, hash, report);
            }

            // At once, on two processors: a SHA-256 takes as long as all else.
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var isRight = Task.Run(() => trailer is not null && SnapshotDigest.IsRight(path, either.Token), stop);
            try
            {
                var report = await Task.Run(() => SnapshotInspector.InspectContent(path, cancellationToken: stop), stop);
                return new FileReport(path, size, trailer, await isRight, report.Content!.StatusHash, report);
            }
            finally
            {
                await either.CancelAsync();
            }
        });
    }

    /// <summary>Does something with a plain snapshot, and says in words why its file cannot be read.</summary>
    /// <exception cref="CommandException">There is no such file, it cannot be read, or is not a plain snapshot.</exception>
    public static async Task<T> OfAsync<T>(string path, Func<Task<T>> action)
    {
        if (path == StandardInput)
        {
            throw NoFile(path);
        }

        try
        {
            return StoredForm.WhyNotPlain(path) is { } why ? throw new CommandException(ExitCode.Usage, why) : await action();
        }
        catch (NotSupportedException)
        {
            throw NoFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(ExitCode.Usage, $"'{path}' cannot be read: {e.Message}");
        }
    }

    private static CommandException NoFile(string path) =>
        new(ExitCode.Usage, $"'{path}' is no file, and this has to read at every place: write what comes into a file first, and name that");
}

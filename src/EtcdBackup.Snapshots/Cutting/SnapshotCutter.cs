using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Files;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Snapshots.Cutting;

/// <summary>
/// Makes, from a snapshot file, the snapshot as the cluster was at an earlier revision. Works on the file alone, in bounded memory.
/// </summary>
internal static class SnapshotCutter
{
    private const int ReadAhead = 256 * 1024;

    // It is read back, and gets its name, while it is open.
    private const FileShare OursOnly = FileShare.Read | FileShare.Delete;

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(0.25);

    /// <summary>
    /// Cuts. The new file has its name only when it is whole, was read back, and is on the disk. Nothing is overwritten, and on failure
    /// nothing is left behind.
    /// </summary>
    /// <param name="source">The snapshot.</param>
    /// <param name="target">The new file.</param>
    /// <param name="revision">The revision at which it ends.</param>
    /// <param name="withoutDigest">Whether the source need not have a SHA-256 at its end, as in etcd's data directory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotCorruptException">The source is not sound.</exception>
    /// <exception cref="RevisionNotInFileException">The source does not have the revision.</exception>
    /// <exception cref="SnapshotTargetException">The new file cannot be written, or exists.</exception>
    public static async Task<CutReport> CutAsync(
        string source, string target, long revision, bool withoutDigest, CancellationToken cancellationToken)
    {
        using var file = BoltFile.Open(source);
        var plan = new CutPlan(revision);
        var (first, last) = plan.Check(SnapshotInspector.Walk(file, plan, plan.Schema, readAhead: 0, cancellationToken));

        // Beside the copying: a SHA-256 takes as long as all else.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hashing = Task.Run(() => withoutDigest ? null : WhyDamaged(source, either.Token), CancellationToken.None);
        var part = $"{target}.{Guid.NewGuid():N}.part";
        using var output = Create(part);
        var handle = output.SafeFileHandle;
        using var written = new CancellationTokenSource();
        var flushing = Task.Run(() => FlushAsync(handle, written.Token), CancellationToken.None);
        try
        {
            var leases = plan.Leases is null ? null : new LeaseUse(plan.Leases);
            var copy = new CutCopy(new BoltWriter(handle, file.PageSize), revision, leases);
            new BoltWalker(file, copy, ReadAhead, cancellationToken).Walk();
            copy.Finish();
            if (await hashing is { } damage)
            {
                throw new SnapshotCorruptException(damage);
            }

            // At once: to the disk, through the hash, and read back.
            await written.CancelAsync();
            var digest = Task.Run(() => SnapshotDigest.AppendTo(handle, either.Token), CancellationToken.None);
            var made = Task.Run(() => ReadBack(part, revision, either.Token), CancellationToken.None);
            await Task.WhenAll(flushing, digest, made);
            Flush(handle);
            GiveName(part, target);
            var content = (await made).Content!;
            return new CutReport(
                revision, first, last, RandomAccess.GetLength(handle), await digest, content.LiveKeys, content.HashKv,
                content.HashKvCompactRevision, copy.Kept, copy.LeftOut, copy.LeftOutBytes, leases?.Finish());
        }
        finally
        {
            await either.CancelAsync();
            await written.CancelAsync();
            await flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            File.Delete(part);
        }
    }

    private static string? WhyDamaged(string path, CancellationToken cancellationToken) =>
        SnapshotDigest.TrailerOf(path) is null ? SnapshotDigest.Missing(new FileInfo(path).Length)
            : SnapshotDigest.IsRight(path, cancellationToken) ? null : SnapshotDigest.Wrong(new FileInfo(path).Length);

    private static SnapshotReport ReadBack(string path, long revision, CancellationToken cancellationToken)
    {
        try
        {
            using var file = BoltFile.Open(path, FileShare.ReadWrite | FileShare.Delete);
            var report = SnapshotInspector.InspectContent(file, cancellationToken);
            return report.Revision == revision ? report
                : throw new SnapshotCorruptException($"it is of revision {report.Revision}, not {revision}");
        }
        catch (Exception e) when (e is SnapshotCorruptException or IOException)
        {
            throw new SnapshotTargetException($"what was written is not what is read back: {e.Message}", e);
        }
    }

    private static FileStream Create(string path) => Writing(() =>
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = OursOnly, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            // It holds every secret of the cluster.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    });

    // Bit by bit: a last flush of all would take long, and who interrupts a command does not wait.
    private static async Task FlushAsync(SafeFileHandle file, CancellationToken written)
    {
        for (var isLast = false; !isLast;)
        {
            await Task.Delay(FlushInterval, written).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            isLast = written.IsCancellationRequested;
            Flush(file);
        }
    }

    private static void Flush(SafeFileHandle file) => Writing(() =>
    {
        RandomAccess.FlushToDisk(file);
        return true;
    });

    private static void GiveName(string part, string target) => Writing(() =>
    {
        File.Move(part, target, overwrite: false);
        return true;
    });

    private static T Writing<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotTargetException(e.Message, e);
        }
    }
}

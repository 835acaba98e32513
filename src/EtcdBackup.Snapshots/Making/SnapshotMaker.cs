using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Snapshots.Log;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Snapshots.Making;

/// <summary>
/// Makes, from a snapshot file and the log of what came after it, the snapshot as the cluster was at a revision. Works on the files alone,
/// in bounded memory.
/// </summary>
internal static class SnapshotMaker
{
    private const int ReadAhead = 256 * 1024;

    // It is read back, and gets its name, while it is open.
    private const FileShare OursOnly = FileShare.Read | FileShare.Delete;

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(0.25);

    /// <summary>
    /// Makes it. The new file has its name only when it is whole, was read back, and is on the disk. Nothing is overwritten, and on failure
    /// nothing is left behind. The same snapshot and events give the same bytes.
    /// </summary>
    /// <param name="source">The snapshot.</param>
    /// <param name="changes">Files of segments that follow each other, uncompressed; none if there is no log.</param>
    /// <param name="target">The new file.</param>
    /// <param name="revision">The revision at which it ends.</param>
    /// <param name="withoutDigest">Whether the source need not have a SHA-256 at its end, as in etcd's data directory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotCorruptException">The source is not sound.</exception>
    /// <exception cref="ChangeLogException">The log does not follow from the source, or is not whole.</exception>
    /// <exception cref="RevisionNotInFileException">Neither source nor log has the revision.</exception>
    /// <exception cref="SnapshotTargetException">The new file cannot be written, or exists.</exception>
    public static async Task<MadeReport> MakeAsync(
        string source, IReadOnlyList<string> changes, string target, long revision, bool withoutDigest, CancellationToken cancellationToken)
    {
        using var file = BoltFile.Open(source);
        var (leases, report, first) = Plan(file, changes, revision, cancellationToken);

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
            var copy = new BoltCopy(new BoltWriter(handle, file.PageSize), leases);
            var merged = new MergedContent(file, report, changes, revision, cancellationToken).Walk(copy, ReadAhead);
            copy.Finish();
            if (await hashing is { } damage)
            {
                throw new SnapshotCorruptException(damage);
            }

            await written.CancelAsync();
            var (sha256, content) = await ProveAsync(part, handle, revision, flushing, either.Token);
            GiveName(part, target);
            return new MadeReport(
                revision, first, merged.LastRevision, RandomAccess.GetLength(handle), sha256, content.LiveKeys, content.HashKv,
                content.HashKvCompactRevision, merged.Kept, merged.LeftOut, merged.LeftOutBytes, merged.Added,
                leases?.Finish(merged.HasLease));
        }
        finally
        {
            await either.CancelAsync();
            await written.CancelAsync();
            await flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            File.Delete(part);
        }
    }

    /// <summary>What reading the snapshot of a revision would show, without writing it.</summary>
    /// <param name="source">The snapshot.</param>
    /// <param name="changes">Files of segments that follow each other, uncompressed; none if there is no log.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="compactRevision">The compacted revision to compute HashKV for; null for that of the source.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotCorruptException">The source is not sound.</exception>
    /// <exception cref="ChangeLogException">The log does not follow from the source, or is not whole.</exception>
    /// <exception cref="RevisionNotInFileException">
    /// Neither source nor log has the revision, or more of the source was compacted away than HashKV is wanted for.
    /// </exception>
    public static ContentReport Prove(
        string source, IReadOnlyList<string> changes, long revision, long? compactRevision, CancellationToken cancellationToken)
    {
        using var file = BoltFile.Open(source);
        var (_, report, first) = Plan(file, changes, revision, cancellationToken);
        if (compactRevision < report.CompactedRevision)
        {
            throw new RevisionNotInFileException(
                $"there is no HashKV for what was compacted up to {compactRevision}: the file was compacted up to {first}");
        }

        var merged = new MergedContent(file, report, changes, revision, cancellationToken);
        return SnapshotInspector.ReadContent((visitor, ahead) => merged.Walk(visitor, ahead), compactRevision);
    }

    private static (LeaseUse? Leases, SnapshotReport Report, long First) Plan(
        BoltFile file, IReadOnlyList<string> changes, long revision, CancellationToken cancellationToken)
    {
        var plan = new MakePlan(revision);
        var report = SnapshotInspector.Walk(file, plan, plan.Schema, readAhead: 0, cancellationToken);
        var first = plan.Check(report, changes.Count > 0);
        return (plan.Leases is null ? null : new LeaseUse(plan.Leases), report, first);
    }

    // At once: to the disk, through the hash, and read back.
    private static async Task<(string Sha256, ContentReport Content)> ProveAsync(
        string part, SafeFileHandle handle, long revision, Task flushing, CancellationToken cancellationToken)
    {
        var digest = Task.Run(() => SnapshotDigest.AppendTo(handle, cancellationToken), CancellationToken.None);
        var made = Task.Run(() => ReadBack(part, revision, cancellationToken), CancellationToken.None);
        await Task.WhenAll(flushing, digest, made);
        Flush(handle);
        return (await digest, (await made).Content!);
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

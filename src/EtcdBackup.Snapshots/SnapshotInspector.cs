using EtcdBackup.Snapshots.Bolt;

namespace EtcdBackup.Snapshots;

/// <summary>
/// Inspects a snapshot file. Works on the file alone: no etcd is needed, and no more than a few MB of memory.
/// </summary>
internal static class SnapshotInspector
{
    // Enough for one pass over the leaves with few system calls, when every byte is wanted.
    private const int ContentReadAhead = 256 * 1024;

    /// <summary>Walks all pages and reads all keys, but no value of the <c>key</c> bucket.</summary>
    /// <exception cref="SnapshotCorruptException">The file is not sound.</exception>
    public static SnapshotReport Inspect(string path, CancellationToken cancellationToken = default)
    {
        using var file = BoltFile.Open(path);
        return Inspect(file, cancellationToken);
    }

    /// <summary>Also reads every byte, for hashes and numbers of keys.</summary>
    /// <param name="path">The snapshot.</param>
    /// <param name="compactRevision">The compacted revision to compute HashKV for, as a member says it; null for the file's own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotCorruptException">The file is not sound.</exception>
    public static SnapshotReport InspectContent(
        string path, long? compactRevision = null, CancellationToken cancellationToken = default)
    {
        using var file = BoltFile.Open(path);
        var report = Inspect(file, cancellationToken);
        var history = KeyHistory.Read(file, report.Revisions, cancellationToken);
        var hasher = new ContentHasher(history, report.Revision, compactRevision ?? report.CompactedRevision);
        new BoltWalker(file, hasher, ContentReadAhead, cancellationToken).Walk();
        return report with { Content = hasher.Report };
    }

    private static SnapshotReport Inspect(BoltFile file, CancellationToken cancellationToken)
    {
        var reader = new SchemaReader();
        var walker = new BoltWalker(file, reader, readAhead: 0, cancellationToken);
        walker.Walk();
        return reader.Report((long)file.Meta.HighWater * file.PageSize, walker.UsedPages * file.PageSize);
    }
}

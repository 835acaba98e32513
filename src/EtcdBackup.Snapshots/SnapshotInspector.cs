using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Snapshots;

/// <summary>
/// Inspects a snapshot file. Works on the file alone: no etcd is needed, and bounded memory: a few MB, with its content about 100.
/// </summary>
internal static class SnapshotInspector
{
    // Enough for one pass over the leaves with few system calls, when every byte is wanted.
    private const int ContentReadAhead = 256 * 1024;

    // 16 bytes for each, and 16 to 32 for each key.
    private const int MostEntries = 1_500_000;

    /// <summary>Walks all pages and reads all keys, but no value of the <c>key</c> bucket.</summary>
    /// <exception cref="SnapshotCorruptException">The file is not sound.</exception>
    public static SnapshotReport Inspect(string path, CancellationToken cancellationToken = default)
    {
        using var file = BoltFile.Open(path);
        var schema = new SchemaReader();
        return Walk(file, schema, schema, readAhead: 0, cancellationToken);
    }

    /// <summary>Also computes the hash that <c>etcdutl snapshot status</c> prints.</summary>
    /// <exception cref="SnapshotCorruptException">The file is not sound.</exception>
    public static (SnapshotReport Report, uint StatusHash) InspectStatus(string path, CancellationToken cancellationToken = default)
    {
        using var file = BoltFile.Open(path);
        var reader = new ContentReader(mostEntries: 0);
        return (Walk(file, reader, reader.Schema, ContentReadAhead, cancellationToken), reader.StatusHash);
    }

    /// <summary>Also reads every byte, for hashes and numbers of keys.</summary>
    /// <param name="path">The snapshot.</param>
    /// <param name="compactRevision">The compacted revision to compute HashKV for, as a member says it; null for the file's own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotCorruptException">The file is not sound.</exception>
    public static SnapshotReport InspectContent(
        string path, long? compactRevision = null, CancellationToken cancellationToken = default) =>
        InspectContent(path, compactRevision, MostEntries, cancellationToken);

    /// <inheritdoc cref="InspectContent(string, long?, CancellationToken)"/>
    /// <param name="path">The snapshot.</param>
    /// <param name="compactRevision">The compacted revision to compute HashKV for.</param>
    /// <param name="mostEntries">With more entries of the <c>key</c> bucket, the file is read again and again instead.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static SnapshotReport InspectContent(
        string path, long? compactRevision, int mostEntries, CancellationToken cancellationToken)
    {
        using var file = BoltFile.Open(path);
        return InspectContent(file, compactRevision, mostEntries, cancellationToken);
    }

    /// <summary>Reads every byte of a file that is open.</summary>
    /// <exception cref="SnapshotCorruptException">The file is not sound.</exception>
    public static SnapshotReport InspectContent(BoltFile file, CancellationToken cancellationToken) =>
        InspectContent(file, compactRevision: null, MostEntries, cancellationToken);

    /// <summary>Walks all pages with a visitor that a reader of the schema is part of.</summary>
    /// <exception cref="SnapshotCorruptException">The file is not sound.</exception>
    public static SnapshotReport Walk(
        BoltFile file, IBoltVisitor visitor, SchemaReader schema, int readAhead, CancellationToken cancellationToken)
    {
        var walker = new BoltWalker(file, visitor, readAhead, cancellationToken);
        walker.Walk();
        return schema.Report((long)file.Meta.HighWater * file.PageSize, walker.UsedPages * file.PageSize);
    }

    /// <summary>Reads every byte of what is no file of its own.</summary>
    /// <param name="walk">Shows it to a visitor, with so much read ahead; may be called again and again.</param>
    /// <param name="compactRevision">The compacted revision to compute HashKV for; null for the content's own.</param>
    /// <param name="mostEntries">With more entries of the <c>key</c> bucket, it is walked again and again.</param>
    public static ContentReport ReadContent(Action<IBoltVisitor, int> walk, long? compactRevision, int mostEntries = MostEntries)
    {
        var reader = new ContentReader(mostEntries);
        walk(reader, ContentReadAhead);
        return Finish(reader, reader.Schema.Report(totalSize: 0, usedSize: 0), walk, compactRevision, mostEntries);
    }

    private static SnapshotReport InspectContent(
        BoltFile file, long? compactRevision, int mostEntries, CancellationToken cancellationToken)
    {
        var reader = new ContentReader(mostEntries);
        var report = Walk(file, reader, reader.Schema, ContentReadAhead, cancellationToken);
        return report with { Content = Finish(reader, report, WalkAgain, compactRevision, mostEntries) };

        void WalkAgain(IBoltVisitor visitor, int readAhead) => new BoltWalker(file, visitor, readAhead, cancellationToken).Walk();
    }

    private static ContentReport Finish(
        ContentReader reader, SnapshotReport report, Action<IBoltVisitor, int> walk, long? compactRevision, int mostEntries)
    {
        var compacted = compactRevision ?? report.CompactedRevision;
        var (history, hashKv) = reader.Finish(compacted) ?? ReadAgain(walk, report, compacted, mostEntries);
        return new ContentReport(reader.StatusHash, hashKv, report.Revision, compacted, history.LiveKeys, history.DistinctKeys);
    }

    private static (KeyHistory History, uint HashKv) ReadAgain(
        Action<IBoltVisitor, int> walk, SnapshotReport report, long compactRevision, int keysAtOnce)
    {
        var history = KeyHistory.Read(walk, report.Revisions, keysAtOnce);
        var hasher = new HashKvReader(history, compactRevision);
        walk(hasher, ContentReadAhead);
        return (history, hasher.HashKv);
    }
}

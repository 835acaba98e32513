using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Log;

namespace EtcdBackup.Snapshots.Making;

/// <summary>A snapshot and the log of what came after it, as the cluster was at a revision.</summary>
/// <param name="file">The snapshot.</param>
/// <param name="report">What is in it.</param>
/// <param name="changes">Files of segments, uncompressed, in their order; none if there is no log.</param>
/// <param name="revision">The revision.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class MergedContent(
    BoltFile file, SnapshotReport report, IReadOnlyList<string> changes, long revision, CancellationToken cancellationToken)
{
    /// <summary>Shows all of it to a visitor, as if it were one file.</summary>
    /// <exception cref="ChangeLogException">The log does not follow from the snapshot, or is not whole.</exception>
    /// <exception cref="RevisionNotInFileException">The log ends before the revision.</exception>
    public MergeWalk Walk(IBoltVisitor visitor, int readAhead)
    {
        // Where the snapshot has the revision, nothing of the log is needed.
        using var stream = changes.Count == 0 || revision <= report.Revision ? null : SegmentFiles.Open(changes);
        using var reader = stream is null ? null : new ChangeReader(stream);
        var walk = new MergeWalk(visitor, revision, new LogAnchor(report), reader, cancellationToken);
        new BoltWalker(file, walk, readAhead, cancellationToken).Walk();
        walk.Finish();
        return walk;
    }
}

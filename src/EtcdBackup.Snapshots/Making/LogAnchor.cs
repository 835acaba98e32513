using System.Buffers.Binary;
using System.IO.Hashing;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Log;

namespace EtcdBackup.Snapshots.Making;

/// <summary>
/// Whether a log belongs to a snapshot: it goes on where the snapshot ends, and if it has the snapshot's last revision, that is the same in
/// both.
/// </summary>
internal sealed class LogAnchor
{
    private readonly XxHash128 _snapshot = new();
    private readonly XxHash128 _log = new();
    private readonly BytesAction _append;
    private readonly bool _isComparable;
    private bool _isInLog;

    /// <param name="report">The snapshot.</param>
    public LogAnchor(SnapshotReport report)
    {
        Revision = report.Revision;
        _append = part => _snapshot.Append(part);

        // A compaction takes away deletions of the revision that it is at, and what was overwritten.
        _isComparable = report.LastMainRevision == Revision &&
            Math.Max(report.CompactedRevision, report.ScheduledCompactRevision) < Revision;
    }

    /// <summary>The revision of the snapshot.</summary>
    public long Revision { get; }

    /// <summary>The log begins.</summary>
    /// <exception cref="ChangeLogException">There is a gap before it.</exception>
    public void Begin(SegmentHeader header)
    {
        if (header.FirstRevision > Revision + 1)
        {
            throw new ChangeLogException(
                $"the snapshot ends at revision {Revision}, and the log begins at {header.FirstRevision}: those between are missing");
        }
    }

    /// <summary>The next entry of the snapshot's bucket <c>key</c>.</summary>
    public void Snapshot(RevisionKey at, BoltValue value)
    {
        if (_isComparable && at.Main == Revision)
        {
            Append(_snapshot, at.Sub, at.IsTombstone, value.Length);
            value.Read(_append);
        }
    }

    /// <summary>The next event of the log.</summary>
    /// <exception cref="ChangeLogException">The log is of another history.</exception>
    public void Log(ChangeReader change)
    {
        if (change.Main == Revision && _isComparable)
        {
            _isInLog = true;
            Append(_log, change.Sub, change.IsDelete, change.Stored.Length);
            _log.Append(change.Stored);
        }
        else if (change.Main > Revision)
        {
            End();
        }
    }

    /// <summary>The log's last event was seen.</summary>
    /// <exception cref="ChangeLogException">The log is of another history.</exception>
    public void End()
    {
        if (_isInLog && _snapshot.GetCurrentHashAsUInt128() != _log.GetCurrentHashAsUInt128())
        {
            throw new ChangeLogException($"the log is of another history than the snapshot: revision {Revision} is not the same in both");
        }

        _isInLog = false;
    }

    private static void Append(XxHash128 hash, long sub, bool isDelete, long length)
    {
        Span<byte> head = stackalloc byte[(2 * sizeof(long)) + 1];
        BinaryPrimitives.WriteInt64LittleEndian(head, sub);
        BinaryPrimitives.WriteInt64LittleEndian(head[sizeof(long)..], length);
        head[^1] = isDelete ? (byte)1 : (byte)0;
        hash.Append(head);
    }
}

using System.Buffers.Binary;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Log;

namespace EtcdBackup.Snapshots.Making;

/// <summary>
/// Walks a snapshot as if it were of another revision. Of bucket <c>key</c>, which has all that happened since the compaction, in order
/// (etcd server/storage/mvcc/revision.go), it leaves out what is above the revision; or, at its end, goes on with the events of the log.
/// </summary>
/// <param name="target">Sees the result, in the order of keys.</param>
/// <param name="revision">The revision.</param>
/// <param name="anchor">What the log has to agree with.</param>
/// <param name="changes">The log; null for none.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class MergeWalk(
    IBoltVisitor target, long revision, LogAnchor anchor, ChangeReader? changes, CancellationToken cancellationToken) : IBoltVisitor
{
    private const int RevisionSize = 17;

    // Above the name of any bucket of etcd, and above the key of any lease.
    private static ReadOnlySpan<byte> AboveAll => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

    private readonly LogLeases _leases = new();
    private bool _isKeys;
    private bool _isLeases;
    private bool _hadKeys;
    private bool _hadLeases;

    /// <summary>Puts and deletions of the snapshot that are part of the result.</summary>
    public long Kept { get; private set; }

    /// <summary>Puts and deletions of the snapshot that are not.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Bytes of those.</summary>
    public long LeftOutBytes { get; private set; }

    /// <summary>Puts and deletions of the log that are part of the result.</summary>
    public long Added { get; private set; }

    /// <summary>The last revision of the snapshot and the log.</summary>
    public long LastRevision { get; private set; } = anchor.Revision;

    /// <summary>Whether the log has the lease.</summary>
    public bool HasLease(long lease) => _leases.Has(lease);

    public void Bucket(ReadOnlySpan<byte> name, int depth)
    {
        EndBucket();
        MissingBuckets(name);
        (_isKeys, _isLeases) = (name.SequenceEqual("key"u8), name.SequenceEqual("lease"u8));
        target.Bucket(name, depth);
    }

    public void Entry(ReadOnlySpan<byte> key, BoltValue value)
    {
        if (_isKeys)
        {
            var at = RevisionKey.Read(key);
            if (at.Main > revision)
            {
                LeftOut++;
                LeftOutBytes += key.Length + value.Length;
                return;
            }

            Kept++;
            if (changes is not null)
            {
                anchor.Snapshot(at, value);
            }
        }
        else if (_isLeases)
        {
            _leases.Before(key, target);
        }

        target.Entry(key, value);
    }

    /// <summary>Ends what the walk of the snapshot cannot know the end of.</summary>
    public void Finish()
    {
        EndBucket();
        MissingBuckets(AboveAll);
    }

    private void EndBucket()
    {
        if (_isKeys)
        {
            _hadKeys = true;
            Append();
        }
        else if (_isLeases)
        {
            _hadLeases = true;
            _leases.Before(AboveAll, target);
        }

        (_isKeys, _isLeases) = (false, false);
    }

    // etcd makes both when it starts; a file without them is taken as it is.
    private void MissingBuckets(ReadOnlySpan<byte> next)
    {
        if (changes is not null && !_hadKeys && next.SequenceCompareTo("key"u8) > 0)
        {
            _hadKeys = true;
            target.Bucket("key"u8, 0);
            Append();
        }

        if (!_hadLeases && _hadKeys && !_leases.IsEmpty && next.SequenceCompareTo("lease"u8) > 0)
        {
            _hadLeases = true;
            target.Bucket("lease"u8, 0);
            _leases.Before(AboveAll, target);
        }
    }

    private void Append()
    {
        if (changes is null)
        {
            return;
        }

        for (var isFirst = true; changes.NextBatch(); isFirst = false)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (isFirst)
            {
                anchor.Begin(changes.Header!);
            }

            // A member may have been asked for a lease after its events came.
            foreach (var lease in changes.Leases)
            {
                _leases.Know(lease);
            }

            while (changes.NextEvent())
            {
                Event(changes);
            }

            LastRevision = Math.Max(LastRevision, changes.Main);
        }

        anchor.End();
        if (LastRevision < revision)
        {
            throw new RevisionNotInFileException(
                $"revision {revision} is not there: the snapshot goes to revision {anchor.Revision}, and the log to {LastRevision}");
        }
    }

    private void Event(ChangeReader change)
    {
        anchor.Log(change);
        if (change.Main <= anchor.Revision || change.Main > revision)
        {
            return;
        }

        Span<byte> key = stackalloc byte[RevisionSize + 1];
        BinaryPrimitives.WriteInt64BigEndian(key, change.Main);
        key[8] = (byte)'_';
        BinaryPrimitives.WriteInt64BigEndian(key[9..], change.Sub);
        key[RevisionSize] = (byte)'t';
        _leases.Use(change.Lease);
        Added++;
        target.Entry(key[..(RevisionSize + (change.IsDelete ? 1 : 0))], BoltValue.Of(change.Stored));
    }
}

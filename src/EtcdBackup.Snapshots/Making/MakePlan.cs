using System.Buffers.Binary;
using EtcdBackup.Snapshots.Bolt;

namespace EtcdBackup.Snapshots.Making;

/// <summary>
/// Looks whether a file has the revision, before anything is written: bucket <c>meta</c>, which says what is compacted, comes after
/// <c>key</c>.
/// </summary>
internal sealed class MakePlan(long revision) : IBoltVisitor
{
    private bool _isKeys;
    private bool _isLeases;
    private long _below;

    /// <summary>What describes the whole.</summary>
    public SchemaReader Schema { get; } = new();

    /// <summary>The leases that exist; null if they are too many to be remembered.</summary>
    public HashSet<long>? Leases { get; private set; } = [];

    public void Bucket(ReadOnlySpan<byte> name, int depth)
    {
        Schema.Bucket(name, depth);
        (_isKeys, _isLeases) = (name.SequenceEqual("key"u8), name.SequenceEqual("lease"u8));
    }

    public void Entry(ReadOnlySpan<byte> key, BoltValue value)
    {
        Schema.Entry(key, value);
        if (_isKeys && RevisionKey.Read(key).Main is var main && main <= revision)
        {
            _below = main;
        }
        else if (_isLeases && key.Length == sizeof(long))
        {
            // The key of a lease is its id (etcd server/storage/schema/lease.go).
            Leases?.Add(BinaryPrimitives.ReadInt64BigEndian(key));
            Leases = Leases?.Count > LeaseUse.Most ? null : Leases;
        }
    }

    /// <summary>The lowest revision that a file of this report has.</summary>
    /// <param name="report">What is in the file.</param>
    /// <param name="goesOn">Whether there is a log, which may have later ones.</param>
    /// <exception cref="RevisionNotInFileException">The wanted one is not among them.</exception>
    public long Check(SnapshotReport report, bool goesOn)
    {
        // A compaction that began is carried on when etcd starts from the file (server/storage/mvcc/kvstore.go, restore).
        var compacted = Math.Max(report.CompactedRevision, report.ScheduledCompactRevision);
        var (first, last) = (Math.Max(1, compacted), report.Revision);
        var has = $"the file has revisions {first} to {last}";
        if (revision > last && goesOn)
        {
            return first;
        }

        if (revision < first || revision > last)
        {
            throw new RevisionNotInFileException(revision > last ? $"revision {revision} had not come yet: {has}"
                : compacted > 0 ? $"revision {revision} was compacted away: {has}" : $"there is no revision {revision}: {has}");
        }

        // etcd leaves out no number; 'etcdutl snapshot restore --bump-revision' does, and etcd would start at the one below.
        return revision > first && _below != revision
            ? throw new RevisionNotInFileException($"there never was a revision {revision}: {has}, and the next below is {_below}")
            : first;
    }
}

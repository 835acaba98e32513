using EtcdBackup.Snapshots.Bolt;

namespace EtcdBackup.Snapshots.Cutting;

/// <summary>
/// Copies every bucket, and of bucket <c>key</c> what is not above the revision: it has all that happened since the compaction, in order
/// (etcd server/storage/mvcc/revision.go).
/// </summary>
internal sealed class CutCopy(BoltWriter writer, long revision, LeaseUse? leases) : IBoltVisitor
{
    private bool _isOpen;
    private bool _isKeys;

    /// <summary>Puts and deletions that were copied.</summary>
    public long Kept { get; private set; }

    /// <summary>Puts and deletions that were not.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Bytes of those.</summary>
    public long LeftOutBytes { get; private set; }

    public void Bucket(ReadOnlySpan<byte> name, int depth)
    {
        EndBucket();
        writer.BeginBucket(name);
        (_isOpen, _isKeys) = (true, name.SequenceEqual("key"u8));
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
            leases?.See(at, value);
        }

        writer.Add(key, value);
    }

    /// <summary>Writes what is left.</summary>
    public void Finish()
    {
        EndBucket();
        writer.Finish();
    }

    private void EndBucket()
    {
        if (_isOpen)
        {
            writer.EndBucket();
        }
    }
}

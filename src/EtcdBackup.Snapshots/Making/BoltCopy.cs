using EtcdBackup.Snapshots.Bolt;

namespace EtcdBackup.Snapshots.Making;

/// <summary>Writes all that it sees, and looks for keys without their lease.</summary>
internal sealed class BoltCopy(BoltWriter writer, LeaseUse? leases) : IBoltVisitor
{
    private bool _isOpen;
    private bool _isKeys;

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
            leases?.See(RevisionKey.Read(key), value);
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

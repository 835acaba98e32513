using EtcdBackup.Snapshots.Bolt;

namespace EtcdBackup.Snapshots;

/// <summary>Computes HashKV (etcd server/storage/mvcc/hash.go) in a walk of its own, where too many entries would be kept.</summary>
internal sealed class HashKvReader : IBoltVisitor
{
    private readonly KeyHistory _history;
    private readonly long _compactRevision;
    private readonly BytesAction _append;
    private Crc32C _hash = new();
    private bool _isKeys;
    private long _entry;

    public HashKvReader(KeyHistory history, long compactRevision)
    {
        (_history, _compactRevision) = (history, compactRevision);
        _hash.Append("key"u8);
        _append = part => _hash.Append(part);
    }

    public uint HashKv => _hash.Value;

    public void Bucket(ReadOnlySpan<byte> name, int depth) => _isKeys = depth == 0 && name.SequenceEqual("key"u8);

    public void Entry(ReadOnlySpan<byte> key, BoltValue value)
    {
        if (!_isKeys)
        {
            return;
        }

        if (_history.IsInHashKv(_entry, RevisionKey.Read(key), _compactRevision))
        {
            _hash.Append(key);
            value.Read(_append);
        }

        _entry++;
    }
}

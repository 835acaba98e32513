using System.IO.Hashing;
using EtcdBackup.Snapshots.Bolt;

namespace EtcdBackup.Snapshots;

/// <summary>
/// Computes, in one walk, the hash of <c>etcdutl snapshot status</c> (etcdutl/snapshot) and HashKV (etcd server/storage/mvcc/hash.go).
/// </summary>
internal sealed class ContentHasher : IBoltVisitor
{
    private readonly KeyHistory _history;
    private readonly long _revision;
    private readonly long _compactRevision;
    private readonly BytesAction _both;
    private readonly BytesAction _statusOnly;
    private readonly Crc32 _status = new(Crc32ParameterSet.Crc32C);
    private readonly Crc32 _hashKv = new(Crc32ParameterSet.Crc32C);
    private bool _isKeys;
    private long _entry;

    public ContentHasher(KeyHistory history, long revision, long compactRevision)
    {
        _history = history;
        _revision = revision;
        _compactRevision = compactRevision;
        _hashKv.Append("key"u8);
        _statusOnly = part => _status.Append(part);
        _both = part =>
        {
            _status.Append(part);
            _hashKv.Append(part);
        };
    }

    public ContentReport Report => new(
        _status.GetCurrentHashAsUInt32(), _hashKv.GetCurrentHashAsUInt32(), _revision, _compactRevision, _history.LiveKeys,
        _history.DistinctKeys);

    public void Bucket(ReadOnlySpan<byte> name, int depth)
    {
        _status.Append(name);
        _isKeys = depth == 0 && name.SequenceEqual("key"u8);
    }

    public void Entry(ReadOnlySpan<byte> key, BoltValue value)
    {
        var inHashKv = _isKeys && IsInHashKv(RevisionKey.Read(key));
        _status.Append(key);
        if (inHashKv)
        {
            _hashKv.Append(key);
        }

        value.Read(inHashKv ? _both : _statusOnly);
        _entry += _isKeys ? 1 : 0;
    }

    // What a compaction at the compacted revision would have left: an entry up to there counts only while it is the live newest of its key.
    // With no live key at all nothing is left out but a deletion at that revision; servers before 3.4.34 and 3.5.16 count that too.
    private bool IsInHashKv(RevisionKey key) => key.Main > _compactRevision ||
        (_history.LiveKeys > 0 ? !key.IsTombstone && _history.IsNewest(_entry) : !(key.IsTombstone && key.Main == _compactRevision));
}

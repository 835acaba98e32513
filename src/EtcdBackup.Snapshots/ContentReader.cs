using EtcdBackup.Snapshots.Bolt;

namespace EtcdBackup.Snapshots;

/// <summary>
/// Reads all that a file can tell in one walk, where it has not too many entries: what <see cref="SchemaReader"/> finds, the hash of
/// <c>etcdutl snapshot status</c> (etcdutl/snapshot), and what HashKV is put together from.
/// </summary>
internal sealed class ContentReader : IBoltVisitor
{
    private readonly long _mostEntries;
    private readonly BytesAction _statusOnly;
    private readonly BytesAction _both;
    private readonly KeyHash _keyHash = new();
    private Crc32C _status = new();
    private Crc32C _added;
    private KeyTable? _keys = new();
    private EntryChecksums? _checksums = new();
    private bool _isKeys;

    /// <param name="mostEntries">How many entries of the <c>key</c> bucket are kept in memory.</param>
    public ContentReader(long mostEntries)
    {
        _mostEntries = mostEntries;
        _statusOnly = part => _status.Append(part);
        _both = part => Crc32C.AppendToBoth(ref _status, ref _added, part);
    }

    /// <summary>What describes the whole.</summary>
    public SchemaReader Schema { get; } = new();

    /// <summary>The hash of <c>etcdutl snapshot status</c>.</summary>
    public uint StatusHash => _status.Value;

    /// <summary>The history of the keys, and HashKV for a compacted revision; null if there were too many entries.</summary>
    public (KeyHistory History, uint HashKv)? Finish(long compactRevision)
    {
        if (_keys is null || _checksums is null)
        {
            return null;
        }

        var history = KeyHistory.Of(_keys, _checksums.Count);
        return (history, _checksums.HashKv(history, compactRevision));
    }

    public void Bucket(ReadOnlySpan<byte> name, int depth)
    {
        Schema.Bucket(name, depth);
        _status.Append(name);
        _isKeys = depth == 0 && name.SequenceEqual("key"u8);
    }

    public void Entry(ReadOnlySpan<byte> key, BoltValue value)
    {
        Schema.Entry(key, value);
        if (_isKeys && (_checksums?.Count == _mostEntries || key.Length + value.Length > uint.MaxValue))
        {
            (_keys, _checksums) = (null, null);
        }

        if (!_isKeys || _keys is null || _checksums is null)
        {
            _status.Append(key);
            value.Read(_statusOnly);
            return;
        }

        var revision = RevisionKey.Read(key);
        _keys.Set(_keyHash.Of(value), _checksums.Count, revision.IsTombstone);
        _added = new Crc32C(0);
        _both(key);
        value.Read(_both);
        _checksums.Add(revision, key.Length + value.Length, _added.State);
    }
}

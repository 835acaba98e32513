using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Snapshots;

/// <summary>
/// Reads etcd's buckets (etcd server/storage/schema): counts entries, and reads the few small values that describe the whole.
/// </summary>
internal sealed class SchemaReader : IBoltVisitor
{
    private const int SmallValue = 1024 * 1024;
    private const int MaxListed = 1000;

    // Far above etcd's default limit (1.5 MiB).
    private const int LargestPut = 16 * 1024 * 1024;

    private readonly List<BucketReport> _buckets = [];
    private readonly List<MemberReport> _members = [];
    private readonly List<string> _alarms = [];
    private string _bucket = "";
    private bool _isKeys;
    private long _entries;
    private long _bytes;
    private long _revisions;
    private long _tombstones;
    private RevisionKey _last;
    private BoltPlace? _lastPut;
    private BoltPlace? _lastDeletion;
    private long _compacted;
    private long _scheduled;
    private ulong? _consistentIndex;
    private ulong? _term;
    private string? _storageVersion;
    private string? _clusterVersion;
    private bool _authEnabled;

    public void Bucket(ReadOnlySpan<byte> name, int depth)
    {
        EndBucket();
        if (depth > 0)
        {
            throw new SnapshotCorruptException("a bucket within a bucket: etcd has none");
        }

        if (_buckets.Count >= MaxListed)
        {
            throw new SnapshotCorruptException($"more than {MaxListed} buckets: etcd has about ten");
        }

        _bucket = Encoding.UTF8.GetString(name[..Math.Min(name.Length, 256)]);
        _isKeys = depth == 0 && _bucket == "key";
    }

    public void Entry(ReadOnlySpan<byte> key, BoltValue value)
    {
        _entries++;
        _bytes += key.Length + value.Length;
        if (_isKeys)
        {
            _last = RevisionKey.Read(key);
            _revisions++;
            _tombstones += _last.IsTombstone ? 1 : 0;
            (_lastPut, _lastDeletion) = _last.IsTombstone ? (_lastPut, value.Place) : (value.Place, _lastDeletion);
            return;
        }

        switch (_bucket)
        {
            case "meta":
                Meta(Encoding.UTF8.GetString(key), value);
                break;
            case "cluster" when key.SequenceEqual("clusterVersion"u8):
                _clusterVersion = Text(value);
                break;
            case "members" when _members.Count < MaxListed:
                _members.Add(Member(Encoding.UTF8.GetString(key), value));
                break;
            case "alarm" when _alarms.Count < MaxListed:
                _alarms.Add(Alarm(key));
                break;
            case "auth" when key.SequenceEqual("authEnabled"u8):
                _authEnabled = value.ToArray(1) is [1];
                break;
        }
    }

    public SnapshotReport Report(long totalSize, long usedSize)
    {
        EndBucket();
        return new SnapshotReport
        {
            // As etcd itself finds it when it starts from such a file (server/storage/mvcc/kvstore.go, restore).
            Revision = Math.Max(1, Math.Max(_last.Main, Math.Max(_compacted, _scheduled))),
            LastMainRevision = _last.Main,
            LastSubRevision = _last.Sub,
            CompactedRevision = _compacted,
            ScheduledCompactRevision = _scheduled,
            Revisions = _revisions,
            Tombstones = _tombstones,
            TotalKeys = _buckets.Sum(b => b.Entries),
            TotalSize = totalSize,
            UsedSize = usedSize,
            Buckets = _buckets,
            ConsistentIndex = _consistentIndex,
            Term = _term,
            StorageVersion = _storageVersion,
            ClusterVersion = _clusterVersion,
            Members = _members,
            Alarms = _alarms,
            AuthEnabled = _authEnabled,
            Leases = _buckets.Find(b => b.Name == "lease")?.Entries ?? 0,
            LastPut = LastChange(),
        };
    }

    private LastPut? LastChange()
    {
        var put = _lastPut?.Value.ToArray(LargestPut) is { } bytes ? LastPut.Read(bytes) : null;

        // A tombstone is a KeyValue with the key alone (etcd server/storage/mvcc, kvstore_txn.go).
        return put is not null && put.Revision < _last.Main && _lastDeletion?.Value.ToArray(LargestPut) is { } tombstone &&
            LastPut.Read(tombstone) is { } deleted
            ? put with { Deleted = new LastDeletion(deleted.Key, _last.Main) } : put;
    }

    private void EndBucket()
    {
        if (_bucket != "")
        {
            _buckets.Add(new BucketReport(_bucket, _entries, _bytes));
        }

        (_bucket, _entries, _bytes) = ("", 0, 0);
    }

    private void Meta(string key, BoltValue value)
    {
        switch (key)
        {
            case "consistent_index":
                _consistentIndex = Number(value);
                break;
            case "term":
                _term = Number(value);
                break;
            case "storageVersion":
                _storageVersion = Text(value);
                break;
            case "finishedCompactRev":
                _compacted = RevisionKey.Read(value.ToArray(64)).Main;
                break;
            case "scheduledCompactRev":
                _scheduled = RevisionKey.Read(value.ToArray(64)).Main;
                break;
        }
    }

    private static ulong Number(BoltValue value) => value.ToArray(8) is { Length: 8 } bytes
        ? BinaryPrimitives.ReadUInt64BigEndian(bytes)
        : throw new SnapshotCorruptException($"bucket meta: a number of {value.Length} bytes");

    private static string? Text(BoltValue value) => value.ToArray(64) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private static MemberReport Member(string id, BoltValue value)
    {
        try
        {
            using var json = JsonDocument.Parse(value.ToArray(SmallValue) ?? "null"u8.ToArray());
            return new MemberReport(
                id, Property("name")?.GetString() ?? "", Urls("peerURLs"), Urls("clientURLs"), Property("isLearner")?.GetBoolean()
                ?? false);

            JsonElement? Property(string name) => json.RootElement.TryGetProperty(name, out var property) ? property : null;

            IReadOnlyList<string> Urls(string name) =>
                Property(name) is { ValueKind: JsonValueKind.Array } urls ? [.. urls.EnumerateArray().Select(u => u.GetString() ?? "")]
                : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SnapshotCorruptException($"bucket members: {id} is no member: {e.Message}", e);
        }
    }

    // AlarmMember { memberID = 1, alarm = 2 } (api/etcdserverpb/rpc.proto)
    private static string Alarm(ReadOnlySpan<byte> key)
    {
        var (member, alarm) = (0UL, 0UL);
        try
        {
            for (var fields = new ProtoFields(key); fields.Next();)
            {
                member = fields.Tag == 1 << 3 ? fields.Number : member;
                alarm = fields.Tag == 2 << 3 ? fields.Number : alarm;
            }
        }
        catch (FormatException e)
        {
            throw new SnapshotCorruptException($"bucket alarm: {Convert.ToHexStringLower(key)} is no alarm: {e.Message}", e);
        }

        var name = alarm switch { 0 => "NONE", 1 => "NOSPACE", 2 => "CORRUPT", _ => alarm.ToString(CultureInfo.InvariantCulture) };
        return string.Create(CultureInfo.InvariantCulture, $"{name} of {member:x}");
    }
}

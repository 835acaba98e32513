using System.Buffers.Binary;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Log;

namespace EtcdBackup.Snapshots.Making;

/// <summary>
/// The leases of a log that its events carry, for bucket <c>lease</c>. One that was granted and never used is in no log, and misses nobody.
/// </summary>
internal sealed class LogLeases
{
    private readonly HashSet<long> _used = [];
    private readonly Dictionary<long, long> _seconds = [];
    private readonly ProtoOutput _value = new();
    private Queue<LeaseTtl>? _sorted;

    /// <summary>Whether all were given out.</summary>
    public bool IsEmpty => Sorted.Count == 0;

    // The order of their keys: big-endian and unsigned (etcd server/storage/schema/lease.go).
    private Queue<LeaseTtl> Sorted => _sorted ??= new(
        _used.Where(Has).OrderBy(id => (ulong)id).Select(id => new LeaseTtl(id, _seconds[id])));

    /// <summary>An event carries it; 0 for none.</summary>
    public void Use(long lease)
    {
        if (lease != 0 && _used.Add(lease) && _used.Count > LeaseUse.Most)
        {
            throw new ChangeLogException($"its events carry more than {LeaseUse.Most} leases: make this from a newer snapshot");
        }
    }

    /// <summary>The log tells of it; the TTL of a lease does not change.</summary>
    public void Know(LeaseTtl lease)
    {
        if (_seconds.TryAdd(lease.Id, lease.Seconds) && _seconds.Count > LeaseUse.Most)
        {
            throw new ChangeLogException($"it tells of more than {LeaseUse.Most} leases: make this from a newer snapshot");
        }
    }

    /// <summary>Whether it is among those that are given out.</summary>
    public bool Has(long lease) => _used.Contains(lease) && _seconds.ContainsKey(lease);

    /// <summary>Gives out those below a key of the bucket, and drops the one that has this key: the snapshot knows it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="target">Gets them.</param>
    public void Before(ReadOnlySpan<byte> key, IBoltVisitor target)
    {
        Span<byte> id = stackalloc byte[sizeof(long)];
        while (Sorted.TryPeek(out var lease))
        {
            BinaryPrimitives.WriteInt64BigEndian(id, lease.Id);
            var order = id.SequenceCompareTo(key);
            if (order > 0)
            {
                return;
            }

            Sorted.Dequeue();
            if (order < 0)
            {
                _value.Truncate(0);
                lease.Write(_value);
                target.Entry(id, BoltValue.Of(_value.Written));
            }
        }
    }
}

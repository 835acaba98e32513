using System.Globalization;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Snapshots.Making;

/// <summary>
/// Finds the keys whose lease ended after the revision. etcd says "failed to attach a lease" for each when it starts (server/storage/mvcc/
/// kvstore.go, restore), and keeps them: they never expire. No lease is made up for them, because nobody knows its TTL any more, and a
/// wrong one would delete keys that were just brought back.
/// </summary>
/// <param name="leases">The leases that exist.</param>
internal sealed class LeaseUse(HashSet<long> leases)
{
    /// <summary>How many leases, or keys without one, are remembered.</summary>
    public const int Most = 1_000_000;

    private const int MostListed = 100;
    private const int HeldValue = 64 * 1024;

    // Far above etcd's default limit (1.5 MiB).
    private const int LargestPut = 16 * 1024 * 1024;

    private readonly KeyHash _hash = new();
    private readonly byte[] _scratch = new byte[HeldValue];
    private Dictionary<ulong, long>? _orphans = [];

    /// <summary>Takes the next entry of bucket <c>key</c>.</summary>
    /// <exception cref="SnapshotCorruptException">It is no <c>KeyValue</c>.</exception>
    public void See(RevisionKey revision, BoltValue value)
    {
        if (_orphans is null)
        {
            return;
        }

        var lease = revision.IsTombstone ? 0 : LeaseOf(revision, value);
        if (lease != 0 && !leases.Contains(lease))
        {
            _orphans[_hash.Of(value)] = lease;
            _orphans = _orphans.Count > Most ? null : _orphans;
        }
        else if (_orphans.Count > 0)
        {
            _orphans.Remove(_hash.Of(value));
        }
    }

    /// <summary>What was found; null if it is too much.</summary>
    /// <param name="isKnown">Whether a lease is known from elsewhere.</param>
    public LeaseOrphans? Finish(Predicate<long> isKnown)
    {
        if (_orphans is null)
        {
            return null;
        }

        var orphans = _orphans.Values.Where(l => !isKnown(l)).ToArray();
        return new LeaseOrphans(
            orphans.Length, [.. orphans.Distinct().Order().Take(MostListed).Select(l => l.ToString("x", CultureInfo.InvariantCulture))]);
    }

    // mvccpb.KeyValue, field 6 (api/mvccpb/kv.proto).
    private long LeaseOf(RevisionKey revision, BoltValue value)
    {
        var entry = value.Length <= HeldValue ? value.Start(_scratch) : value.ToArray(LargestPut);
        var lease = 0L;
        try
        {
            for (var fields = new ProtoFields(entry); fields.Next();)
            {
                lease = fields.Tag == 6 << 3 ? (long)fields.Number : lease;
            }
        }
        catch (FormatException e)
        {
            throw new SnapshotCorruptException($"bucket key: revision {revision.Main}/{revision.Sub} is no KeyValue: {e.Message}", e);
        }

        return lease;
    }
}

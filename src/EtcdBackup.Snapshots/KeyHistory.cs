using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Snapshots;

/// <summary>Which entries of the <c>key</c> bucket are the newest of their key: one bit for each entry.</summary>
internal sealed class KeyHistory
{
    private const int ReadAhead = 0;

    private readonly ulong[] _newest;

    private KeyHistory(long entries) => _newest = new ulong[(entries / 64) + 1];

    /// <summary>Keys that exist.</summary>
    public long LiveKeys { get; private set; }

    /// <summary>Keys of which any entry is left.</summary>
    public long DistinctKeys { get; private set; }

    /// <summary>Makes it from a table of all keys.</summary>
    public static KeyHistory Of(KeyTable keys, long entries)
    {
        var history = new KeyHistory(entries);
        history.Add(keys);
        return history;
    }

    /// <summary>Reads it in as many passes as bounded memory needs.</summary>
    /// <param name="walk">Shows all buckets and entries to a visitor, with so much read ahead.</param>
    /// <param name="entries">How many entries there are.</param>
    /// <param name="keysAtOnce">How many keys one pass may remember.</param>
    /// <exception cref="SnapshotCorruptException">A value has no key.</exception>
    public static KeyHistory Read(Action<IBoltVisitor, int> walk, long entries, int keysAtOnce)
    {
        var history = new KeyHistory(entries);
        var (keys, hash) = (new KeyTable(), new KeyHash());
        var passes = (uint)((entries / keysAtOnce) + 1);
        for (uint pass = 0; pass < passes; pass++)
        {
            keys.Clear();
            walk(new Pass(keys, hash, passes, pass), ReadAhead);
            history.Add(keys);
        }

        return history;
    }

    /// <summary>
    /// Whether an entry is part of HashKV: whether a compaction at the compacted revision would have left it. An entry up to there counts
    /// only while it is the live newest of its key. With no live key at all nothing is left out but a deletion at that revision; servers
    /// before 3.4.34 and 3.5.16 count that too.
    /// </summary>
    /// <param name="entry">The entry, counted in the order of revisions from 0.</param>
    /// <param name="key">Its revision.</param>
    /// <param name="compactRevision">The compacted revision.</param>
    public bool IsInHashKv(long entry, RevisionKey key, long compactRevision) => key.Main > compactRevision ||
        (LiveKeys > 0 ? !key.IsTombstone && IsNewest(entry) : !(key.IsTombstone && key.Main == compactRevision));

    private bool IsNewest(long entry) => (_newest[entry / 64] & (1UL << (int)(entry % 64))) != 0;

    private void Add(KeyTable keys)
    {
        foreach (var (entry, isTombstone) in keys.Newest)
        {
            _newest[entry / 64] |= 1UL << (int)(entry % 64);
            LiveKeys += isTombstone ? 0 : 1;
        }

        DistinctKeys += keys.Count;
    }

    private sealed class Pass(KeyTable keys, KeyHash hashes, uint passes, uint pass) : IBoltVisitor
    {
        private bool _isKeys;
        private long _entry;

        public void Bucket(ReadOnlySpan<byte> name, int depth) => _isKeys = depth == 0 && name.SequenceEqual("key"u8);

        public void Entry(ReadOnlySpan<byte> key, BoltValue value)
        {
            if (!_isKeys)
            {
                return;
            }

            var hash = hashes.Of(value);
            if ((uint)hash % passes == pass)
            {
                keys.Set(hash, _entry, RevisionKey.Read(key).IsTombstone);
            }

            _entry++;
        }
    }
}

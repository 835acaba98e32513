using System.IO.Hashing;
using EtcdBackup.Snapshots.Bolt;

namespace EtcdBackup.Snapshots;

/// <summary>
/// Finds which entries of the <c>key</c> bucket are the newest of their key. Keys are distinguished by a 64-bit hash with a random seed
/// (if two ever collide, the result is wrong once, and right the next time), in as many passes as bounded memory needs; one bit for each
/// entry stays.
/// </summary>
internal sealed class KeyHistory
{
    private const int KeysAtOnce = 750_000;
    private const int ReadAhead = 0;

    private readonly ulong[] _newest;

    private KeyHistory(long entries) => _newest = new ulong[(entries / 64) + 1];

    /// <summary>Keys that exist.</summary>
    public long LiveKeys { get; private set; }

    /// <summary>Keys of which any entry is left.</summary>
    public long DistinctKeys { get; private set; }

    /// <summary>Whether the entry, counted in the order of revisions from 0, is the newest of its key.</summary>
    public bool IsNewest(long entry) => (_newest[entry / 64] & (1UL << (int)(entry % 64))) != 0;

    public static KeyHistory Read(BoltFile file, long entries, CancellationToken cancellationToken)
    {
        var history = new KeyHistory(entries);
        var passes = (uint)((entries / KeysAtOnce) + 1);
        var seed = Random.Shared.NextInt64();
        var newest = new Dictionary<ulong, long>((int)Math.Min(entries, KeysAtOnce));
        for (uint pass = 0; pass < passes; pass++)
        {
            newest.Clear();
            new BoltWalker(file, new Pass(newest, passes, pass, seed), ReadAhead, cancellationToken).Walk();
            foreach (var value in newest.Values)
            {
                var entry = value >> 1;
                history._newest[entry / 64] |= 1UL << (int)(entry % 64);
                history.LiveKeys += 1 - (value & 1);
            }

            history.DistinctKeys += newest.Count;
        }

        return history;
    }

    private sealed class Pass(Dictionary<ulong, long> newest, uint passes, uint pass, long seed) : IBoltVisitor
    {
        private readonly byte[] _start = new byte[4096];
        private bool _isKeys;
        private long _entry;

        public void Bucket(ReadOnlySpan<byte> name, int depth) => _isKeys = depth == 0 && name.SequenceEqual("key"u8);

        public void Entry(ReadOnlySpan<byte> key, BoltValue value)
        {
            if (!_isKeys)
            {
                return;
            }

            var hash = KeyHash(value);
            if ((uint)hash % passes == pass)
            {
                // the entry's number, and whether it is a deletion in the last bit
                newest[hash] = (_entry << 1) | (RevisionKey.Read(key).IsTombstone ? 1L : 0L);
            }

            _entry++;
        }

        // mvccpb.KeyValue begins with its key: field 1, length-delimited. An empty key is left out.
        private ulong KeyHash(BoltValue value)
        {
            var start = value.Start(_start);
            if (start is [] or [not 0x0A, ..])
            {
                return XxHash3.HashToUInt64([], seed);
            }

            var (length, at) = (0L, 1);
            for (var shift = 0; ; shift += 7, at++)
            {
                if (at >= start.Length || shift > 28)
                {
                    throw new SnapshotCorruptException("bucket key: a value is no KeyValue");
                }

                length |= (long)(start[at] & 0x7F) << shift;
                if (start[at] < 0x80)
                {
                    at++;
                    break;
                }
            }

            if (length > value.Length - at)
            {
                throw new SnapshotCorruptException("bucket key: a key is longer than its value");
            }

            if (at + length <= start.Length)
            {
                return XxHash3.HashToUInt64(start.Slice(at, (int)length), seed);
            }

            var hash = new XxHash3(seed);
            var (skip, rest) = (at, length);
            value.Read(part =>
            {
                var from = Math.Min(skip, part.Length);
                var count = (int)Math.Min(rest, part.Length - from);
                hash.Append(part.Slice(from, count));
                (skip, rest) = (skip - from, rest - count);
            });
            return hash.GetCurrentHashAsUInt64();
        }
    }
}

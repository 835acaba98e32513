using System.IO.Hashing;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Snapshots;

/// <summary>
/// Tells keys apart by a 64-bit hash with a random seed: if two ever collide, the result is wrong once, and right the next time.
/// </summary>
internal sealed class KeyHash
{
    private readonly long _seed = Random.Shared.NextInt64();
    private readonly byte[] _start = new byte[4096];

    /// <summary>The hash of the key in a value of the <c>key</c> bucket.</summary>
    /// <exception cref="SnapshotCorruptException">The value has no key.</exception>
    public ulong Of(BoltValue value)
    {
        // mvccpb.KeyValue begins with its key: field 1, length-delimited. An empty key is left out.
        var start = value.Start(_start);
        if (start is [] or [not 0x0A, ..])
        {
            return XxHash3.HashToUInt64([], _seed);
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
            return XxHash3.HashToUInt64(start.Slice(at, (int)length), _seed);
        }

        var hash = new XxHash3(_seed);
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

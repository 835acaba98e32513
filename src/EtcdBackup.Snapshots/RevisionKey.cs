using System.Buffers.Binary;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Snapshots;

/// <summary>
/// A key of the <c>key</c> bucket: main revision, '_', sub revision (big-endian), and 't' for a deletion (etcd
/// server/storage/mvcc/revision.go).
/// </summary>
internal readonly record struct RevisionKey(long Main, long Sub, bool IsTombstone)
{
    private const int Size = 17;

    public static RevisionKey Read(ReadOnlySpan<byte> key)
    {
        var tombstone = key.Length == Size + 1 && key[Size] == (byte)'t';
        if ((key.Length != Size && !tombstone) || key[8] != (byte)'_')
        {
            throw new SnapshotCorruptException($"bucket key: {Convert.ToHexStringLower(key[..Math.Min(key.Length, 32)])} is no revision");
        }

        var revision = new RevisionKey(BinaryPrimitives.ReadInt64BigEndian(key), BinaryPrimitives.ReadInt64BigEndian(key[9..]), tombstone);
        return revision.Main >= 0 && revision.Sub >= 0 ? revision
            : throw new SnapshotCorruptException($"bucket key: revision {revision.Main}/{revision.Sub} is negative");
    }
}

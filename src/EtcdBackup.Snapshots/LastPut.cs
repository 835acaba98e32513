using System.Buffers.Binary;
using System.Security.Cryptography;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Snapshots;

/// <summary>
/// The last put in a snapshot, which distinguishes histories. A cluster that was recreated, and written to as often, can have the same
/// cluster id, revision, raft term and raft index as before, but not the same last put.
/// </summary>
/// <param name="Key">The key that was put.</param>
/// <param name="Revision">The revision of the put (<c>mod_revision</c>).</param>
/// <param name="CreateRevision">The revision at which the key was created.</param>
/// <param name="Version">How often it was put since, with this one.</param>
/// <param name="Hash">SHA-256 of value and lease, the first 16 hex digits.</param>
public sealed record LastPut(byte[] Key, long Revision, long CreateRevision, long Version, string Hash)
{
    /// <summary>A longer key is not recorded, because it would be in the metadata of each backup.</summary>
    public const int LongestKey = 1024;

    private const int HashDigits = 16;

    /// <summary>The deletion after it; null if the put is the last change, or if the deleted key has more than 1024 bytes.</summary>
    public LastDeletion? Deleted { get; init; }

    /// <summary>Makes it from the fields of etcd's <c>KeyValue</c>.</summary>
    /// <returns>Null when the key is longer than <see cref="LongestKey"/>.</returns>
    public static LastPut? Of(
        ReadOnlySpan<byte> key, long revision, long createRevision, long version, ReadOnlySpan<byte> value, long lease) =>
        key.Length > LongestKey ? null : new LastPut(key.ToArray(), revision, createRevision, version, HashOf(value, lease));

    /// <summary>Reads an entry of the <c>key</c> bucket: etcd's <c>KeyValue</c> (api/mvccpb/kv.proto).</summary>
    /// <exception cref="SnapshotCorruptException">It is none.</exception>
    public static LastPut? Read(byte[] entry)
    {
        ReadOnlySpan<byte> key = default, value = default;
        var (created, modified, version, lease) = (0L, 0L, 0L, 0L);
        try
        {
            for (var fields = new ProtoFields(entry); fields.Next();)
            {
                switch (fields.Tag)
                {
                    case (1 << 3) | 2:
                        key = fields.Bytes;
                        break;
                    case 2 << 3:
                        created = (long)fields.Number;
                        break;
                    case 3 << 3:
                        modified = (long)fields.Number;
                        break;
                    case 4 << 3:
                        version = (long)fields.Number;
                        break;
                    case (5 << 3) | 2:
                        value = fields.Bytes;
                        break;
                    case 6 << 3:
                        lease = (long)fields.Number;
                        break;
                }
            }
        }
        catch (FormatException e)
        {
            throw new SnapshotCorruptException($"bucket key: the last value is no KeyValue: {e.Message}", e);
        }

        return Of(key, modified, created, version, value, lease);
    }

    /// <summary>Whether the key, as it is now, belongs to the history of this put.</summary>
    /// <param name="now">The key in the cluster, which is not behind the put's revision; null if it does not exist.</param>
    /// <returns>Null if this cannot be decided: the key was put, or deleted, since.</returns>
    public bool? IsIn(LastPut? now)
    {
        if (now is null || now.CreateRevision > Revision)
        {
            return null;
        }

        if (now.Revision <= Revision)
        {
            return Equals(now);
        }

        return now.CreateRevision == CreateRevision && now.Version > Version ? null : false;
    }

    /// <inheritdoc/>
    public bool Equals(LastPut? other) => other is not null &&
        (other.Revision, other.CreateRevision, other.Version, other.Hash) == (Revision, CreateRevision, Version, Hash) &&
        other.Key.AsSpan().SequenceEqual(Key);

    /// <inheritdoc/>
    public override int GetHashCode() => Revision.GetHashCode();

    private static string HashOf(ReadOnlySpan<byte> value, long lease)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> last = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(last, lease);
        hash.AppendData(value);
        hash.AppendData(last);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..HashDigits];
    }
}

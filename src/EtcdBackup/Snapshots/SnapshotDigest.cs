using System.Security.Cryptography;

namespace EtcdBackup.Snapshots;

/// <summary>
/// Checks the SHA-256 that etcd puts behind the database in a snapshot stream (etcd server/etcdserver/api/v3rpc/maintenance.go):
/// the last 32 bytes are the digest of all before them. The end is known only when it is reached, so 32 bytes are always kept back.
/// </summary>
public sealed class SnapshotDigest : IDisposable
{
    /// <summary>Bytes of the digest at the end of a snapshot.</summary>
    public const int TrailerSize = SHA256.HashSizeInBytes;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _held = new byte[TrailerSize];
    private int _heldCount;

    /// <summary>Bytes seen so far.</summary>
    public long Length { get; private set; }

    /// <summary>Takes the next bytes of the stream.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        if (bytes.Length >= TrailerSize)
        {
            _hash.AppendData(_held.AsSpan(0, _heldCount));
            _hash.AppendData(bytes[..^TrailerSize]);
            bytes[^TrailerSize..].CopyTo(_held);
            _heldCount = TrailerSize;
            return;
        }

        var surplus = Math.Max(0, _heldCount + bytes.Length - TrailerSize);
        _hash.AppendData(_held.AsSpan(0, surplus));
        _held.AsSpan(surplus, _heldCount - surplus).CopyTo(_held);
        _heldCount -= surplus;
        bytes.CopyTo(_held.AsSpan(_heldCount));
        _heldCount += bytes.Length;
    }

    /// <summary>Compares what was read with the digest at its end.</summary>
    /// <returns>The digest, in lower-case hex.</returns>
    /// <exception cref="SnapshotCorruptException">They differ, or there is no digest.</exception>
    public string Finish()
    {
        // A bbolt file is made of pages of 512 bytes or more, so a whole snapshot is never a multiple of them.
        if (Length % 512 != TrailerSize)
        {
            throw new SnapshotCorruptException($"the snapshot has {Length} bytes: it was cut short, or has no SHA-256 at its end");
        }

        var computed = _hash.GetHashAndReset();
        return computed.AsSpan().SequenceEqual(_held)
            ? Convert.ToHexStringLower(computed)
            : throw new SnapshotCorruptException(
                $"the SHA-256 of the snapshot's {Length} bytes is not the one at its end: it was damaged on the way");
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}

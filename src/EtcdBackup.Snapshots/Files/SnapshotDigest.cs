using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Snapshots.Files;

/// <summary>
/// Checks the SHA-256 that etcd puts behind the database in a snapshot stream (etcd server/etcdserver/api/v3rpc/maintenance.go):
/// the last 32 bytes are the digest of all before them. The end is known only when it is reached, so 32 bytes are always kept back.
/// </summary>
public sealed class SnapshotDigest : IDisposable
{
    /// <summary>Bytes of the digest at the end of a snapshot.</summary>
    public const int TrailerSize = SHA256.HashSizeInBytes;

    private const int BlockSize = 256 * 1024;

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
        if (!HasTrailer(Length))
        {
            throw new SnapshotCorruptException(Missing(Length));
        }

        var computed = _hash.GetHashAndReset();
        return computed.AsSpan().SequenceEqual(_held) ? Convert.ToHexStringLower(computed)
            : throw new SnapshotCorruptException(Wrong(Length));
    }

    /// <summary>What to say of a snapshot without a digest.</summary>
    internal static string Missing(long length) => $"the snapshot has {length} bytes: it was cut short, or has no SHA-256 at its end";

    /// <summary>What to say of a snapshot with a wrong digest.</summary>
    internal static string Wrong(long length) =>
        $"the SHA-256 of the snapshot's {length} bytes is not the one at its end: it was damaged on the way";

    /// <summary>The digest at the end of a file, in lower-case hex; null if there is none.</summary>
    internal static string? TrailerOf(string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var trailer = new byte[TrailerSize];
        return HasTrailer(length) && RandomAccess.Read(file, trailer, length - TrailerSize) == TrailerSize
            ? Convert.ToHexStringLower(trailer) : null;
    }

    /// <summary>Reads a whole file, and tells whether the digest at its end is right.</summary>
    internal static bool IsRight(string path, CancellationToken cancellationToken)
    {
        using var digest = new SnapshotDigest();
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        Read(file, digest, cancellationToken);
        return HasTrailer(digest.Length) && digest._hash.GetHashAndReset().AsSpan().SequenceEqual(digest._held);
    }

    /// <summary>Puts the digest of a whole file behind it.</summary>
    /// <returns>The digest, in lower-case hex.</returns>
    internal static string AppendTo(SafeFileHandle file, CancellationToken cancellationToken)
    {
        using var digest = new SnapshotDigest();
        Read(file, digest, cancellationToken);
        digest._hash.AppendData(digest._held.AsSpan(0, digest._heldCount));
        var computed = digest._hash.GetHashAndReset();
        try
        {
            RandomAccess.Write(file, computed, digest.Length);
        }
        catch (IOException e)
        {
            throw new SnapshotTargetException(e.Message, e);
        }

        return Convert.ToHexStringLower(computed);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private static void Read(SafeFileHandle file, SnapshotDigest digest, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (int count; (count = RandomAccess.Read(file, buffer.AsSpan(0, BlockSize), digest.Length)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                digest.Append(buffer.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A bbolt file is made of pages of 512 bytes or more, so a whole snapshot is never a multiple of them.
    private static bool HasTrailer(long length) => length % 512 == TrailerSize;
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using EtcdBackup.Snapshots;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// How the last revision that is known is recognized, when a watch begins: it begins at that revision, and what comes for it must be what
/// is known. Otherwise the cluster was restored meanwhile, and what follows is of another history.
/// </summary>
/// <remarks>Only puts count: a compaction at this very revision takes its deletions away (etcd server/storage/mvcc).</remarks>
/// <param name="Revision">The revision.</param>
/// <param name="Digest">The digest of its puts; null if they are not known.</param>
/// <param name="Put">The last put up to it; null if that is unknown. If it is of an earlier revision, this one has none.</param>
internal sealed record RevisionMark(long Revision, byte[]? Digest, LastPut? Put)
{
    /// <summary>Whether these are the revision's events.</summary>
    /// <param name="digest">Their digest.</param>
    /// <param name="puts">The puts among them.</param>
    public bool Fits(byte[] digest, IEnumerable<LastPut?> puts) => Digest is not null ? digest.AsSpan().SequenceEqual(Digest)
        : Put is null || (Put.Revision == Revision ? puts.Contains(Put) : !puts.Any());

    /// <summary>The last put, and the deletion after it if that is the last change.</summary>
    /// <param name="put">The last put.</param>
    /// <param name="isDeletion">Whether the last change is a deletion.</param>
    /// <param name="key">Its key.</param>
    /// <param name="revision">Its revision.</param>
    public static LastPut? WithDeletion(LastPut? put, bool isDeletion, ReadOnlySpan<byte> key, long revision) => put is null ? null
        : put with
        {
            Deleted = isDeletion && put.Revision < revision && key.Length <= LastPut.LongestKey ? new LastDeletion(key.ToArray(), revision)
                : null,
        };

    /// <summary>Adds a put of a revision to its digest.</summary>
    public static void Append(IncrementalHash digest, ReadOnlySpan<byte> keyValue)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, keyValue.Length);
        digest.AppendData(length);
        digest.AppendData(keyValue);
    }
}

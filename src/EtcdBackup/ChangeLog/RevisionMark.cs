using System.Buffers.Binary;
using System.Security.Cryptography;
using EtcdBackup.Snapshots;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// How the last revision that is known is recognized, when a watch begins: it begins at that revision, and what comes for it must be what
/// is known. Otherwise the cluster was restored meanwhile, and what follows is of another history.
/// </summary>
/// <param name="Revision">The revision.</param>
/// <param name="Digest">What <see cref="Digest"/> gave for its events; null if they are not known.</param>
/// <param name="Put">A put of it, if they are not; null if it had none.</param>
internal sealed record RevisionMark(long Revision, byte[]? Digest, LastPut? Put)
{
    /// <summary>Whether there is anything to compare with.</summary>
    public bool CanCompare => Digest is not null || Put?.Revision == Revision;

    /// <summary>Whether these are the revision's events.</summary>
    /// <param name="digest">Their digest.</param>
    /// <param name="puts">The puts among them.</param>
    public bool Fits(byte[] digest, IEnumerable<LastPut?> puts) => Digest is not null ? digest.AsSpan().SequenceEqual(Digest)
        : Put?.Revision != Revision || puts.Contains(Put);

    /// <summary>Adds an event of a revision to its digest.</summary>
    public static void Append(IncrementalHash digest, bool isDelete, ReadOnlySpan<byte> keyValue)
    {
        Span<byte> head = stackalloc byte[5];
        BinaryPrimitives.WriteInt32LittleEndian(head, keyValue.Length);
        head[4] = isDelete ? (byte)1 : (byte)0;
        digest.AppendData(head);
        digest.AppendData(keyValue);
    }
}

using System.Text.Json;
using EtcdBackup.Encodings;

namespace EtcdBackup.Catalog;

/// <summary>
/// The name of a snapshot that is not sound and is kept to be looked at: no backup's, so that it is never served, counted or pruned.
/// </summary>
/// <param name="Version">The member's version, as text.</param>
/// <param name="Revision">The member's revision when the snapshot began.</param>
/// <param name="MemberId">The member that gave it.</param>
public sealed record QuarantineName(string Version, long Revision, ulong MemberId)
{
    private const string Suffix = "_etcd.corrupt";

    /// <summary>Whether an object is one of the same member, of whatever revision.</summary>
    public bool IsOfSameMember(string name) =>
        name.Contains($"_{MemberId:x16}{Suffix}", StringComparison.Ordinal) &&
            !name.EndsWith(BackupMetadata.Extension, StringComparison.Ordinal);

    /// <summary>The name of the object.</summary>
    internal string ToString(BackupEncoding encoding) => $"{Version}_{Revision:x16}_{MemberId:x16}{Suffix}{encoding.Suffix()}";

    /// <summary>The document that tells why.</summary>
    internal static byte[] Reason(string reason) => JsonSerializer.SerializeToUtf8Bytes(new { reason });
}

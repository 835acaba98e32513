using System.Text.Json;
using EtcdBackup.Encodings;

namespace EtcdBackup.Catalog;

/// <summary>
/// The name of a quarantined snapshot. It is not a backup's name, so that the file is never served, counted or pruned.
/// </summary>
/// <param name="Version">The member's version, as text.</param>
/// <param name="Revision">The member's revision when the snapshot began.</param>
/// <param name="MemberId">The member that gave it.</param>
public sealed record QuarantineName(string Version, long Revision, ulong MemberId)
{
    private const string Suffix = "_etcd.corrupt";

    /// <summary>Whether an object is a quarantined snapshot of the same member, at any revision.</summary>
    public bool IsOfSameMember(string name) =>
        name.Contains($"_{MemberId:x16}{Suffix}", StringComparison.Ordinal) &&
            !name.EndsWith(BackupMetadata.Extension, StringComparison.Ordinal);

    /// <summary>The name of the object.</summary>
    internal string ToString(BackupEncoding encoding) => $"{Version}_{Revision:x16}_{MemberId:x16}{Suffix}{encoding.Suffix()}";

    /// <summary>The document with the reason.</summary>
    internal static byte[] Reason(string reason) => JsonSerializer.SerializeToUtf8Bytes(new { reason });
}

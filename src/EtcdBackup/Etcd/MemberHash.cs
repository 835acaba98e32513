namespace EtcdBackup.Etcd;

/// <summary>A member's <c>HashKV</c>.</summary>
/// <param name="Hash">CRC-32C over the keys.</param>
/// <param name="CompactRevision">The compacted revision that it was computed for.</param>
internal sealed record MemberHash(uint Hash, long CompactRevision);

namespace EtcdBackup.Snapshots.Making;

/// <summary>What was made, and of what.</summary>
/// <param name="Revision">The revision at which the new snapshot ends.</param>
/// <param name="FirstRevision">The lowest revision that could have been asked for.</param>
/// <param name="LastRevision">The highest: that of the source, or of its log.</param>
/// <param name="Size">Bytes of the new snapshot, with the SHA-256 at its end.</param>
/// <param name="Sha256">The SHA-256 at its end: of all bytes before it.</param>
/// <param name="LiveKeys">Keys that exist at the revision.</param>
/// <param name="HashKv">etcd's <c>HashKV</c> at the revision, read back from the new snapshot.</param>
/// <param name="HashKvCompactRevision">The compacted revision that it was computed for.</param>
/// <param name="Kept">Puts and deletions of keys that were kept of the source.</param>
/// <param name="LeftOut">Puts and deletions of keys that were left out: they came later.</param>
/// <param name="LeftOutBytes">Bytes of those.</param>
/// <param name="Added">Puts and deletions of keys that came from the log.</param>
/// <param name="Orphans">Keys whose lease ended after the revision; null if they are too many to be counted.</param>
internal sealed record MadeReport(
    long Revision, long FirstRevision, long LastRevision, long Size, string Sha256, long LiveKeys, uint HashKv, long HashKvCompactRevision,
    long Kept, long LeftOut, long LeftOutBytes, long Added, LeaseOrphans? Orphans);

/// <summary>
/// Keys of the new snapshot whose lease is in no <c>lease</c> bucket: it was revoked, or expired, between the revision and the snapshot.
/// </summary>
/// <param name="Keys">How many keys.</param>
/// <param name="Leases">The ids of their leases, hex; the first hundred.</param>
internal sealed record LeaseOrphans(long Keys, IReadOnlyList<string> Leases);

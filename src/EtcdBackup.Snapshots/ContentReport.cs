namespace EtcdBackup.Snapshots;

/// <summary>What reading every byte of a snapshot shows.</summary>
/// <param name="StatusHash">The hash that <c>etcdutl snapshot status</c> prints.</param>
/// <param name="HashKv">etcd's <c>HashKV</c> at the snapshot's revision.</param>
/// <param name="HashKvRevision">The revision it was computed at.</param>
/// <param name="HashKvCompactRevision">The compacted revision it was computed for.</param>
/// <param name="LiveKeys">Keys that exist; <c>totalKey</c> of <c>etcdutl snapshot status</c> since etcd 3.6.</param>
/// <param name="DistinctKeys">Keys that exist or of which a deletion or older revision is kept.</param>
public sealed record ContentReport(
    uint StatusHash, uint HashKv, long HashKvRevision, long HashKvCompactRevision, long LiveKeys, long DistinctKeys);

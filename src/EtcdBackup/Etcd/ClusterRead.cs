namespace EtcdBackup.Etcd;

/// <summary>What a read found.</summary>
/// <param name="Revision">The revision of the key-value store.</param>
/// <param name="HoldsLastPut">Whether the put that was asked for is of the history that was read; null when that cannot be told.</param>
internal sealed record ClusterRead(long Revision, bool? HoldsLastPut);

namespace EtcdBackup.Etcd;

/// <summary>The result of a read of one member.</summary>
/// <param name="Revision">The revision of the key-value store.</param>
/// <param name="HoldsLastPut">Whether the given put belongs to the history that was read; null if that cannot be decided.</param>
internal sealed record MemberRead(long Revision, bool? HoldsLastPut);

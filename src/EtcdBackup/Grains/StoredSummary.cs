using EtcdBackup.Catalog;

namespace EtcdBackup.Grains;

/// <summary>What a store holds of one cluster.</summary>
/// <param name="Count">How many backups.</param>
/// <param name="Bytes">Their size in the store.</param>
/// <param name="Latest">The backup that is served; null if there is none.</param>
/// <param name="Damaged">Those that were found damaged.</param>
/// <param name="ListedAt">When the store was last listed, UTC.</param>
public sealed record StoredSummary(int Count, long Bytes, BackupEntry? Latest, IReadOnlyList<BackupEntry> Damaged, DateTimeOffset ListedAt);

using EtcdBackup.Catalog;

namespace EtcdBackup.Grains;

/// <summary>Some of the backups, newest first.</summary>
/// <param name="Entries">The backups.</param>
/// <param name="Total">How many there are in all.</param>
public sealed record BackupSlice(IReadOnlyList<BackupEntry> Entries, int Total);

using EtcdBackup.Catalog;

namespace EtcdBackup.Retention;

/// <summary>Decides which backups may go; pure.</summary>
public static class RetentionPolicy
{
    /// <summary>The backups beyond the newest <paramref name="maxBackups"/>, oldest first. The latest of the current history is never among them, and damaged ones neither count nor go.</summary>
    /// <param name="entries">All backups of one cluster.</param>
    /// <param name="maxBackups">How many stay; 0: all.</param>
    public static IReadOnlyList<BackupEntry> Expired(IReadOnlyCollection<BackupEntry> entries, int maxBackups) =>
        maxBackups == 0 ? [] : [.. BackupOrder.NewestFirst(entries.Where(e => e.IsSound)).Skip(maxBackups).Reverse()];
}

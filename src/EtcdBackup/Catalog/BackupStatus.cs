using System.Globalization;

namespace EtcdBackup.Catalog;

/// <summary>The <c>BackupStatus</c> of the old backup sidecar; old clients read the first five fields.</summary>
/// <param name="CreationTime">When the backup was taken, UTC, RFC 3339.</param>
/// <param name="Size">Size in MB (1 048 576 bytes), three decimals.</param>
/// <param name="Revision">The etcd revision of the backup.</param>
/// <param name="Version">The etcd version, without a leading v.</param>
/// <param name="TimeTookInSecond">How long it took, whole seconds, at least 1.</param>
/// <param name="Name">Its name in the store.</param>
public sealed record BackupStatus(string CreationTime, double Size, long Revision, string Version, int TimeTookInSecond, string Name)
{
    /// <summary>The status of a stored backup.</summary>
    public static BackupStatus Of(BackupEntry entry) => new(
        Rfc3339(entry.CreationTime),
        Megabytes(entry.Size),
        entry.Revision,
        entry.Version.ToString(),
        Math.Max(1, (int)Math.Ceiling(entry.Metadata?.DurationSeconds ?? 0)),
        entry.Name.ToString());

    /// <summary>Bytes as MB (1 048 576 bytes), three decimals.</summary>
    public static double Megabytes(long bytes) => Math.Round(bytes / 1_048_576.0, 3);

    /// <summary>A time as the contract writes it: UTC, with Z.</summary>
    public static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

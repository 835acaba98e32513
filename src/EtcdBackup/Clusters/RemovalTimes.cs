namespace EtcdBackup.Clusters;

/// <summary>How long a cluster that no source names any more stays registered, and its backups after that.</summary>
/// <param name="Grace">The time from when it was first missing until it is unregistered.</param>
/// <param name="BackupsGrace">The time after that until its backups are deleted, if its spec has <c>autoDelete</c>.</param>
public sealed record RemovalTimes(TimeSpan Grace, TimeSpan BackupsGrace)
{
    /// <summary>Ten minutes, and a day.</summary>
    public static readonly RemovalTimes Default = new(TimeSpan.FromMinutes(10), TimeSpan.FromDays(1));

    /// <summary>How often a reporter reports.</summary>
    public static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(30);

    /// <summary>A reporter that did not report for this long is gone, and its list no longer counts.</summary>
    public static readonly TimeSpan Living = TimeSpan.FromMinutes(3);

    /// <summary>Each cluster's spec is applied to its grain again within this time, because a grain may have lost its state.</summary>
    public TimeSpan ApplyAgain { get; init; } = TimeSpan.FromMinutes(5);
}

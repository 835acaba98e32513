namespace EtcdBackup.Clusters;

/// <summary>How long a cluster that no source names any more stays registered, and its backups after that.</summary>
/// <param name="Grace">From when it was first missed until it is unregistered.</param>
/// <param name="BackupsGrace">From then until its backups are deleted, if its spec has <c>autoDelete</c>.</param>
public sealed record RemovalTimes(TimeSpan Grace, TimeSpan BackupsGrace)
{
    /// <summary>Ten minutes, and a day.</summary>
    public static readonly RemovalTimes Default = new(TimeSpan.FromMinutes(10), TimeSpan.FromDays(1));

    /// <summary>How often a reporter says what it names.</summary>
    public static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(30);

    /// <summary>A reporter that was not heard for so long is no longer there; what it said counts no more.</summary>
    public static readonly TimeSpan Living = TimeSpan.FromMinutes(3);

    /// <summary>Each cluster's spec is told to its grain again within this time, for a grain may have lost its state.</summary>
    public TimeSpan ApplyAgain { get; init; } = TimeSpan.FromMinutes(5);
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>What a cluster's clock asks of where it runs: a grain in a silo, or a simulation.</summary>
internal interface IClockHost
{
    /// <summary>The silo, as Orleans writes its address.</summary>
    string Silo { get; }

    /// <summary>
    /// Makes <see cref="BackupClock.TimerAsync"/> be called once, after so long; <see cref="Timeout.InfiniteTimeSpan"/>: never.
    /// </summary>
    void SetTimer(TimeSpan wait);

    /// <summary>Makes <see cref="BackupClock.HeartbeatAsync"/> be called again and again, in whatever silo, until it is ended.</summary>
    Task KeepHeartbeatAsync(TimeSpan period);

    /// <summary>Ends the heartbeat.</summary>
    Task EndHeartbeatAsync();

    /// <summary>Tells the directory that the cluster exists; or asks it for the spec, where the state has none.</summary>
    /// <returns>The spec that the directory knows, and who asked for it; null when it does not know the cluster.</returns>
    Task<(ClusterSpec Spec, string Source)?> CheckInAsync(ClusterSpec? spec, string source);

    /// <summary>
    /// Whether another silo takes the snapshot that would have to wait here. If so, the cluster moves there when the run has ended.
    /// </summary>
    Task<bool> HandOffAsync();

    /// <summary>A run ended, and nothing runs now: time to move, if the cluster is to.</summary>
    void Idle();

    /// <summary>Nothing is to be done here any more.</summary>
    void Leave();
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>What a cluster's clock needs from its host: a grain in a silo, or the simulation.</summary>
internal interface IClockHost
{
    /// <summary>The silo, as Orleans writes its address.</summary>
    string Silo { get; }

    /// <summary>
    /// Calls <see cref="BackupClock.TimerAsync"/> once, after this time; <see cref="Timeout.InfiniteTimeSpan"/>: never.
    /// </summary>
    void SetTimer(TimeSpan wait);

    /// <summary>Calls <see cref="BackupClock.HeartbeatAsync"/> again and again, on whatever silo, until that is ended.</summary>
    Task KeepHeartbeatAsync(TimeSpan period);

    /// <summary>Ends the heartbeat.</summary>
    Task EndHeartbeatAsync();

    /// <summary>Checks in at the directory; or asks it for the spec, if the state has none.</summary>
    /// <returns>The spec that the directory knows, and the source; null if it does not know the cluster.</returns>
    Task<(ClusterSpec Spec, string Source)?> CheckInAsync(ClusterSpec? spec, string source);

    /// <summary>
    /// Whether another silo takes the snapshot that would have to wait here. If so, the cluster moves there when the run has ended.
    /// </summary>
    Task<bool> HandOffAsync();

    /// <summary>Called when a run has ended: the cluster may move now.</summary>
    void Idle();

    /// <summary>Called when the cluster was unregistered: the grain may be deactivated.</summary>
    void Leave();
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>Hears in this silo how runs end, and that a cluster's status changed. Any number may be registered.</summary>
public interface IRunListener
{
    /// <summary>A backup was taken, a run failed, or a failing cluster is well again. Must not throw, nor take time.</summary>
    void Changed(ClusterKey cluster);

    /// <summary>A run ended, however it did. Must not throw, nor take time.</summary>
    void Ended(ClusterKey cluster, RunOutcome outcome)
    {
        // most only want to know what changed
    }
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>Called in this silo when a run ends, and when a cluster's status changed. Any number may be registered.</summary>
public interface IRunListener
{
    /// <summary>A backup was taken, a run failed, or a failing cluster recovered. Must return at once and not throw.</summary>
    void Changed(ClusterKey cluster);

    /// <summary>A run ended, with any result. Must return at once and not throw.</summary>
    void Ended(ClusterKey cluster, RunOutcome outcome)
    {
        // most only want to know what changed
    }
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>Hears in this silo that a cluster's backups stand otherwise than before. Any number may be registered.</summary>
public interface IRunListener
{
    /// <summary>A backup was taken, a run failed, or a failing cluster is well again. Must not throw, nor take time.</summary>
    void Changed(ClusterKey cluster);
}

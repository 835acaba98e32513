using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.ChangeLog;

/// <summary>What a change log asks of the one who takes the backups of its cluster.</summary>
internal interface ILogHost
{
    /// <summary>Takes a backup, which a new stream begins with.</summary>
    /// <returns>Why none was taken; null if one was.</returns>
    Task<string?> BackUpAsync(ClusterKey cluster);

    /// <summary>Reads a backup back; if it is damaged, that is noted.</summary>
    /// <returns>Whether it is sound; null if it is gone.</returns>
    Task<bool?> VerifyAsync(ClusterKey cluster, BackupName backup);

    /// <summary>The log of a cluster waits or goes on, or reaches back to another revision.</summary>
    void Changed(ClusterKey cluster);
}

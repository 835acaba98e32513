using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.ChangeLog;

/// <summary>Compares what an earlier backup and the log since then give with what a later backup holds.</summary>
internal interface ILogComparison
{
    /// <summary>Compares.</summary>
    /// <param name="spec">The cluster's spec.</param>
    /// <param name="path">The earlier backup, and the log up to the revision of the later one.</param>
    /// <param name="taken">The later backup.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What differs; null if nothing does.</returns>
    /// <exception cref="IOException">Something could not be read, which says nothing.</exception>
    Task<string?> CompareAsync(ClusterSpec spec, LogPath path, BackupEntry taken, CancellationToken cancellationToken);
}

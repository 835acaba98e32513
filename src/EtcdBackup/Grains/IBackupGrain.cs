using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using Orleans.Concurrency;

namespace EtcdBackup.Grains;

/// <summary>The one writer of one etcd cluster's backups. Its key is <c>namespace/name</c> (<see cref="ClusterKey"/>).</summary>
public interface IBackupGrain : IGrainWithStringKey
{
    /// <summary>Registers the cluster, or takes over a changed spec; without a change it does nothing.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="source">Who asked for it.</param>
    /// <param name="within">A new cluster's first backup begins within this time, at the cluster's own place in it: so thousands do not begin at once.</param>
    Task ConfigureAsync(ClusterSpec spec, string source, TimeSpan within);

    /// <summary>Ends the backups of the cluster.</summary>
    /// <param name="deleteBackups">Whether those taken are deleted.</param>
    [ResponseTimeout("01:00:00")]
    Task RemoveAsync(bool deleteBackups);

    /// <summary>Deletes all backups of a cluster that is no longer registered.</summary>
    /// <param name="spec">The spec that it had.</param>
    [ResponseTimeout("01:00:00")]
    Task DeleteBackupsAsync(ClusterSpec spec);

    /// <summary>Takes a backup now, or waits for the one that is running. It goes on when the caller gives up.</summary>
    [ResponseTimeout("1.00:00:00")]
    Task<BackupNowReply> BackupNowAsync();

    /// <summary>Makes the cluster be active somewhere, and move to the silo that placement wants it on unless a backup runs; nothing else.</summary>
    [AlwaysInterleave]
    Task<Whereabouts> WakeAsync();

    /// <summary>How the cluster's backups stand; answers while a backup runs.</summary>
    [AlwaysInterleave]
    Task<ClusterStatus> GetStatusAsync();

    /// <summary>How the cluster's backups stand, from memory alone: for lists of many clusters.</summary>
    [AlwaysInterleave]
    Task<ClusterSummary> GetSummaryAsync();

    /// <summary>Reads a stored backup back, every byte of it.</summary>
    /// <returns>The full report; null when there is no such backup.</returns>
    [AlwaysInterleave]
    [ResponseTimeout("1.00:00:00")]
    Task<VerificationReport?> VerifyAsync(BackupName backup);

    /// <summary>Deletes a stored backup; the last sound one only by force.</summary>
    Task<DeleteResult> DeleteAsync(BackupName backup, bool force);

    /// <summary>All backups, newest first.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<BackupEntry>> ListBackupsAsync();
}

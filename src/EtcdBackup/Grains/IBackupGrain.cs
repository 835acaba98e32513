using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;
using EtcdBackup.Upkeep;
using Orleans.Concurrency;

namespace EtcdBackup.Grains;

/// <summary>The one writer of one etcd cluster's backups. Its key is <c>namespace/name</c> (<see cref="ClusterKey"/>).</summary>
public interface IBackupGrain : IGrainWithStringKey
{
    /// <summary>Registers the cluster, or applies a changed spec; without a change it does nothing.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="source">The source that owns the cluster.</param>
    /// <param name="within">A new cluster's first backup begins within this time, at a moment that comes from its name, so that thousands
    /// do not begin at once.</param>
    Task ConfigureAsync(ClusterSpec spec, string source, TimeSpan within);

    /// <summary>Ends the backups of the cluster.</summary>
    /// <param name="deleteBackups">Whether its stored backups are deleted.</param>
    [ResponseTimeout("01:00:00")]
    Task RemoveAsync(bool deleteBackups);

    /// <summary>Deletes all backups of a cluster that is no longer registered.</summary>
    /// <param name="spec">The spec that it had.</param>
    [ResponseTimeout("01:00:00")]
    Task DeleteBackupsAsync(ClusterSpec spec);

    /// <summary>Takes a backup now, or waits for the one that is running. It continues if the caller gives up.</summary>
    [ResponseTimeout("1.00:00:00")]
    Task<BackupNowReply> BackupNowAsync();

    /// <summary>
    /// Activates the cluster, and moves it to the silo of its placement unless a backup runs. Does nothing else.
    /// </summary>
    [AlwaysInterleave]
    Task<ClusterLocation> WakeAsync();

    /// <summary>The status of the cluster's backups; answers while a backup runs, and from memory while the store is unavailable.</summary>
    /// <exception cref="Stores.StoreException">The store is unavailable, and was never listed.</exception>
    [AlwaysInterleave]
    Task<ClusterStatus> GetStatusAsync();

    /// <summary>The status of the cluster's backups, from memory alone: for lists of many clusters.</summary>
    [AlwaysInterleave]
    Task<ClusterSummary> GetSummaryAsync();

    /// <summary>The same for the Orleans dashboard, which shows what a method of this name returns.</summary>
    [AlwaysInterleave]
    Task<ClusterSummary> GetState();

    /// <summary>
    /// Finds a backup, and checks that it is in the store. A backup whose object was overwritten is read first, which takes time.
    /// </summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:30:00")]
    Task<FoundBackup> FindAsync(BackupQuestion question);

    /// <summary>Some of the backups, newest first, with all their metadata.</summary>
    /// <param name="from">How many to skip.</param>
    /// <param name="limit">How many at most.</param>
    [AlwaysInterleave]
    Task<BackupSlice> ListBackupsAsync(int from, int limit);

    /// <summary>What the retention rules say of each backup now.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<RetentionDecision>> PreviewRetentionAsync();

    /// <summary>How far the change log of the cluster is.</summary>
    /// <param name="store">Whether to store first what was received.</param>
    /// <returns>Null if this silo records no changes of it.</returns>
    [AlwaysInterleave]
    Task<LogState?> GetLogAsync(bool store);

    /// <summary>Verifies a stored backup: reads every byte of it.</summary>
    /// <returns>The full report; null when there is no such backup.</returns>
    [AlwaysInterleave]
    [ResponseTimeout("1.00:00:00")]
    Task<VerificationReport?> VerifyAsync(BackupName backup);

    /// <summary>Deletes a stored backup; the last sound one only if forced.</summary>
    [ResponseTimeout("00:10:00")]
    Task<Deletion> DeleteAsync(BackupName backup, bool force);
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Snapshots.Making;
using EtcdBackup.Stores;

namespace EtcdBackup.ChangeLog;

/// <summary>Makes the backup of any revision that the stored backups and the change log give.</summary>
public sealed class BackupMaker : IDisposable
{
    // What was listed may be merged meanwhile.
    private const int Tries = 3;

    private readonly BackupCatalogs _catalogs;
    private readonly MadeFiles _files;

    internal BackupMaker(BackupCatalogs catalogs, IEtcdConnections etcd, TimeProvider time) =>
        (_catalogs, _files) = (catalogs, new MadeFiles(catalogs, etcd, time));

    /// <summary>The revisions that can be brought back, newest first.</summary>
    /// <exception cref="StoreException">The store is unavailable.</exception>
    public async Task<IReadOnlyList<RecoveryWindow>> WindowsAsync(ClusterSpec spec, CancellationToken cancellationToken) =>
        (await Recovery.OfAsync(_catalogs, spec, cancellationToken)).Windows;

    /// <summary>The backup of the last revision that the cluster had at a moment; null if nobody knows that.</summary>
    /// <param name="spec">The cluster's spec.</param>
    /// <param name="time">The moment.</param>
    /// <param name="state">How far the change log is; null if it is not written now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreException">The store is unavailable, or what was made is not what the cluster has.</exception>
    public Task<BackupAt?> MakeAsync(ClusterSpec spec, DateTimeOffset time, LogState? state, CancellationToken cancellationToken) =>
        RetryAsync<BackupAt>(
            spec,
            async recovery => await recovery.AtAsync(time, state, cancellationToken) is not var (path, revision) ? null
                : recovery.Taken(path.Base.Incarnation, revision) is { } taken ? new BackupAt(taken, null)
                : new BackupAt(null, await MakeAsync(spec, recovery, path, revision, cancellationToken)),
            cancellationToken);

    /// <summary>Makes the backup of a revision, and proves it.</summary>
    /// <param name="spec">The cluster's spec.</param>
    /// <param name="version">The version of etcd that it has to be of, or has to restore.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Null if it cannot be made of what there is.</returns>
    /// <exception cref="StoreException">The store is unavailable, or what was made is not what the cluster has.</exception>
    public Task<MadeBackup?> MakeAsync(ClusterSpec spec, EtcdVersion version, long revision, CancellationToken cancellationToken) =>
        RetryAsync<MadeBackup>(
            spec,
            async recovery => await recovery.ToAsync(version, revision, spec.Backup.Log is { Enabled: true }, cancellationToken) is { } path
                ? await MakeAsync(spec, recovery, path, revision, cancellationToken) : null,
            cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private async Task<MadeBackup> MakeAsync(
        ClusterSpec spec, Recovery recovery, LogPath path, long revision, CancellationToken cancellationToken)
    {
        var (file, body) = await _files.GetAsync(spec, path, revision, recovery.IsCurrent(path.Base), cancellationToken);
        return new MadeBackup(file.Base.Version, revision, file.Report.Sha256, file.At, body);
    }

    private async Task<T?> RetryAsync<T>(ClusterSpec spec, Func<Recovery, Task<T?>> work, CancellationToken cancellationToken)
        where T : class
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await work(await Recovery.OfAsync(_catalogs, spec, cancellationToken));
            }
            catch (FileNotFoundException) when (tries < Tries)
            {
                // It is looked for again.
            }
            catch (Exception e) when (
                e is SnapshotCorruptException or ChangeLogException or SnapshotTargetException or MadeDiffersException)
            {
                throw new StoreException($"the backup cannot be made: {e.Message}", e);
            }
            catch (RevisionNotInFileException)
            {
                return null;
            }
        }
    }
}

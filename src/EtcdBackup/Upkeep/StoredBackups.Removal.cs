using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Upkeep;

/// <content>Removal of backups: by rule, on request, or with the cluster.</content>
internal sealed partial class StoredBackups
{
    // Each is some calls to the store, and the rule may be corrected meanwhile.
    private const int RemovalsAtOnce = 8;

    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(1);

    // Logged once, and not tried again before the grain is activated again: the store's rule outlasts many backups.
    private readonly HashSet<BackupName> _refused = [];

    /// <summary>How many backups the store refuses to delete, though no rule keeps them.</summary>
    public int Refused => _refused.Count;

    /// <summary>What the retention rules say of each backup.</summary>
    public async Task<IReadOnlyList<RetentionDecision>> DecideAsync(ClusterSpec rules, StoredView view, CancellationToken cancellationToken)
    {
        if (rules.Backup.Log is not { Enabled: true })
        {
            return RetentionPolicy.Decide(view.Entries, rules.Backup, time.GetUtcNow());
        }

        var log = await (await LogStore.OfAsync(catalogs, rules, cancellationToken)).ListAsync(cancellationToken);
        return RetentionPolicy.Decide(view.Entries, rules.Backup, time.GetUtcNow(), log.HasAnchorIn);
    }

    /// <summary>
    /// Removes the backups that no rule keeps, oldest first, and metadata whose backup is gone. Some at a time: what else is asked for
    /// comes between.
    /// </summary>
    /// <param name="taken">The backup that the run committed: never removed by that run, whatever the rules say.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were removed.</returns>
    public async Task<int> PruneAsync(BackupName taken, CancellationToken cancellationToken)
    {
        var removed = 0;
        var tried = new HashSet<BackupName> { taken };
        while (await StepAsync(
            async (now, catalog) =>
            {
                var (count, isMore) = await PruneSomeAsync(now, catalog, tried, cancellationToken);
                removed += count;
                return isMore;
            },
            cancellationToken))
        {
            // the rules and the store are looked at anew
        }

        await StepAsync(
            async (_, catalog) =>
            {
                var listing = _unswept;
                _unswept = null;
                await (listing is null ? Task.CompletedTask : catalog.SweepAsync(listing, OrphanAge, cancellationToken));
                return true;
            },
            cancellationToken);
        return removed;
    }

    private async Task<(int Removed, bool IsMore)> PruneSomeAsync(
        ClusterSpec now, BackupCatalog catalog, HashSet<BackupName> tried, CancellationToken cancellationToken)
    {
        var view = View ?? await ListAsync(catalog, cancellationToken);
        var expired = (await DecideAsync(now, view, cancellationToken))
            .Where(d => !d.Keep && !_refused.Contains(d.Backup) && !tried.Contains(d.Backup)).Reverse().ToList();
        var removed = 0;
        foreach (var decision in expired.Take(RemovalsAtOnce))
        {
            if (spec() != now)
            {
                return (removed, true);
            }

            tried.Add(decision.Backup);
            var isRemoved = await MarkedAsync<bool?>(catalog, decision.Backup, false, async mark =>
                await IsSafeToRemoveAsync(catalog, view, decision.Backup, cancellationToken)
                    ? await RemoveAsync(decision, () => DeleteAsync(catalog, mark, decision.Backup, cancellationToken)) : null,
                cancellationToken);
            if (isRemoved is null)
            {
                return (removed, false);
            }

            removed += isRemoved is true ? 1 : 0;
        }

        return (removed, expired.Count > RemovalsAtOnce);
    }

    /// <summary>Deletes one backup; the last sound one only if forced.</summary>
    public Task<Deletion> DeleteAsync(BackupName name, bool force, CancellationToken cancellationToken) => StepAsync(async (_, catalog) =>
    {
        var view = await ListAsync(catalog, cancellationToken);
        if (view.Find(name) is not { } entry)
        {
            return Deletion.NotFound;
        }

        return await MarkedAsync(catalog, name, Deletion.Busy, async mark =>
        {
            if (!force && entry.IsSound && !await AnotherSoundAsync(catalog, view, name, cancellationToken))
            {
                return Deletion.LastSound;
            }

            if (await IsRelyingRemovedAsync(catalog, view, entry, cancellationToken) ||
                !await DeleteAsync(catalog, mark, name, cancellationToken))
            {
                return Deletion.Busy;
            }

            Put(name, null);
            LogDeleted(key, name);
            return Deletion.Deleted;
        }, cancellationToken);
    }, cancellationToken);

    /// <summary>Deletes all backups and the change log, for a cluster that was removed with them.</summary>
    /// <param name="removed">The spec that the cluster had.</param>
    /// <param name="isStillWanted">Asked before each backup: false if the removal was withdrawn.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<int> DeleteAllAsync(ClusterSpec removed, Func<bool> isStillWanted, CancellationToken cancellationToken) =>
        _queue.RunAsync(async () =>
    {
        var catalog = await CatalogAsync(removed, cancellationToken);
        var count = 0;
        foreach (var entry in (await catalog.ListAsync(new Dictionary<BackupName, BackupEntry>(), cancellationToken)).Entries.Reverse())
        {
            if (!isStillWanted())
            {
                break;
            }

            var decision = new RetentionDecision(entry.Name, false, "the cluster was removed, and its backups with it");
            count += await RemoveAsync(decision, async () =>
            {
                await catalog.DeleteAsync(entry.Name, cancellationToken);
                return true;
            }) ? 1 : 0;
        }

        if (isStillWanted())
        {
            await (await LogStore.OfAsync(catalogs, removed, cancellationToken)).DeleteAllAsync(cancellationToken);
        }

        return count;
    });

    private static Task<bool> DeleteAsync(
        BackupCatalog catalog, RemovalMark mark, BackupName name, CancellationToken cancellationToken) =>
        mark.TryRemoveAsync(() => catalog.DeleteAsync(name, cancellationToken), cancellationToken);

    private async Task<bool> RemoveAsync(RetentionDecision decision, Func<Task<bool>> remove)
    {
        var name = decision.Backup;
        try
        {
            if (!await remove())
            {
                LogMarked(key, name);
                return false;
            }

            Put(name, null);
            LogRemoved(key, name, decision.Reason);
            return true;
        }
        catch (DeleteRefusedException e)
        {
            _refused.Add(name);
            LogRefused(key, name, e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: removed {Backup}: {Reason}")]
    private partial void LogRemoved(ClusterKey cluster, BackupName backup, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: backup {Backup} was deleted on request")]
    private partial void LogDeleted(ClusterKey cluster, BackupName backup);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: {Backup} is left to another silo, which is removing it; if that one ended meanwhile, it goes in an hour")]
    private partial void LogMarked(ClusterKey cluster, BackupName backup);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: the store refuses to delete {Backup}; it stays and counts until the store's rule ends. This is logged once")]
    private partial void LogRefused(ClusterKey cluster, BackupName backup, Exception exception);
}

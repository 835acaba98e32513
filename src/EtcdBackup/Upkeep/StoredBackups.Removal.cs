using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Upkeep;

/// <content>Removal of backups: by rule, on request, or with the cluster.</content>
internal sealed partial class StoredBackups
{
    private const int LooksAtOnce = 16;

    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(1);

    // Logged once, and not tried again before the grain is activated again: the store's rule outlasts many backups.
    private readonly HashSet<BackupName> _refused = [];

    /// <summary>Removes the backups that no rule keeps, oldest first, and metadata whose backup is gone.</summary>
    /// <param name="taken">The backup that the run committed: never removed by that run, whatever the rules say.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were removed.</returns>
    public Task<int> PruneAsync(BackupName taken, CancellationToken cancellationToken) => StepAsync(async (now, catalog) =>
    {
        var view = View ?? await ListAsync(catalog, cancellationToken);
        var expired = RetentionPolicy.Decide(view.Entries, now.Backup, time.GetUtcNow())
            .Where(d => !d.Keep && d.Backup != taken && !_refused.Contains(d.Backup)).Reverse().ToList();
        var removed = 0;
        foreach (var decision in expired)
        {
            // Removing many takes long, and the rule may be corrected meanwhile.
            if (spec() != now)
            {
                break;
            }

            var isRemoved = await MarkedAsync(catalog, decision.Backup, async () =>
                await IsSafeToRemoveAsync(catalog, view, decision.Backup, cancellationToken)
                    ? await RemoveAsync(catalog, decision.Backup, decision.Reason, cancellationToken) : null, false, cancellationToken);
            if (isRemoved is null)
            {
                break;
            }

            removed += isRemoved is true ? 1 : 0;
        }

        if (_unswept is { } listing)
        {
            _unswept = null;
            await catalog.SweepAsync(listing, OrphanAge, cancellationToken);
        }

        return removed;
    }, cancellationToken);

    /// <summary>Deletes one backup; the last sound one only if forced.</summary>
    public Task<Deletion> DeleteAsync(BackupName name, bool force, CancellationToken cancellationToken) => StepAsync(async (_, catalog) =>
    {
        var view = await ListAsync(catalog, cancellationToken);
        if (view.Find(name) is not { } entry)
        {
            return Deletion.NotFound;
        }

        return await MarkedAsync(catalog, name, async () =>
        {
            if (!force && entry.IsSound && !await AnotherSoundAsync(catalog, view, name, cancellationToken))
            {
                return Deletion.LastSound;
            }

            if (await IsRelyingRemovedAsync(catalog, view, entry, cancellationToken))
            {
                return Deletion.Busy;
            }

            await catalog.DeleteAsync(name, cancellationToken);
            Put(name, null);
            LogDeleted(key, name);
            return Deletion.Deleted;
        }, Deletion.Busy, cancellationToken);
    }, cancellationToken);

    /// <summary>Deletes all backups, for a cluster that was removed with them.</summary>
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

            count += await RemoveAsync(catalog, entry.Name, "the cluster was removed, and its backups with it", cancellationToken) is true
                ? 1 : 0;
        }

        return count;
    });

    // Whose mark it is cannot be told: who finds one leaves it, and the backup, to the other.
    private async Task<T> MarkedAsync<T>(
        BackupCatalog catalog, BackupName name, Func<Task<T>> remove, T ofAnother, CancellationToken cancellationToken)
    {
        if (await catalog.IsMarkedAsync(name, cancellationToken))
        {
            LogMarked(key, name);
            return ofAnother;
        }

        await catalog.MarkAsync(name, cancellationToken);
        try
        {
            return await remove();
        }
        finally
        {
            await UnmarkAsync(catalog, name);
        }
    }

    private async Task UnmarkAsync(BackupCatalog catalog, BackupName name)
    {
        try
        {
            await catalog.UnmarkAsync(name, CancellationToken.None);
        }
        catch (IOException e)
        {
            // It keeps others from relying on this backup for an hour, and is then swept.
            LogNotUnmarked(key, name, e.Message);
        }
    }

    // The backup that has to stay is checked in the store itself: a listing may be late, or another silo may have changed it.
    private async Task<bool> IsSafeToRemoveAsync(
        BackupCatalog catalog, StoredView view, BackupName doomed, CancellationToken cancellationToken)
    {
        var kept = RetentionPolicy.NewestBeside(view.Entries, view.Find(doomed)!);
        var (now, isMarked) = await LookAtAsync(catalog, kept.Name, cancellationToken);
        if (now is not null && Noted(now) is { IsSound: true, IsDoubtful: false } && now.Incarnation == kept.Incarnation && !isMarked)
        {
            return true;
        }

        Put(kept.Name, now);
        LogNotSafe(key, kept.Name);
        return false;
    }

    private async Task<bool> AnotherSoundAsync(
        BackupCatalog catalog, StoredView view, BackupName name, CancellationToken cancellationToken)
    {
        foreach (var other in view.Entries.Where(e => e.IsSound && e.Name != name))
        {
            if (await LookAtAsync(catalog, other.Name, cancellationToken) is ({ } now, false) &&
                Noted(now) is { IsSound: true, IsDoubtful: false })
            {
                return true;
            }
        }

        return false;
    }

    // The mark first: a removal between the two looks is over, and its mark gone, when the backup is looked for.
    private static async Task<(BackupEntry? Now, bool IsMarked)> LookAtAsync(
        BackupCatalog catalog, BackupName name, CancellationToken cancellationToken)
    {
        var isMarked = await catalog.IsMarkedAsync(name, cancellationToken);
        return (await catalog.FindAsync(name, cancellationToken), isMarked);
    }

    // Another silo may have looked before this one marked, and be about to remove what may go because this one stays.
    private static async Task<bool> IsRelyingRemovedAsync(
        BackupCatalog catalog, StoredView view, BackupEntry staying, CancellationToken cancellationToken)
    {
        foreach (var some in RetentionPolicy.RelyingOn(view.Entries, staying).Chunk(LooksAtOnce))
        {
            var marks = await Task.WhenAll(some.Select(e => catalog.IsMarkedAsync(e.Name, cancellationToken)));
            if (marks.Contains(true))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool?> RemoveAsync(BackupCatalog catalog, BackupName name, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await catalog.DeleteAsync(name, cancellationToken);
            Put(name, null);
            LogRemoved(key, name, reason);
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
        "{Cluster}: the mark that {Backup} is being removed could not be taken away: {Why}. It is swept in an hour")]
    private partial void LogNotUnmarked(ClusterKey cluster, BackupName backup, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: {Backup} is left to another silo, which is removing it; if that one ended meanwhile, it goes in an hour")]
    private partial void LogMarked(ClusterKey cluster, BackupName backup);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: {Backup} has to stay, but is no longer sound in the store, or is being removed: nothing is removed before the next " +
        "backup")]
    private partial void LogNotSafe(ClusterKey cluster, BackupName backup);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: the store refuses to delete {Backup}; it stays and counts until the store's rule ends. This is logged once")]
    private partial void LogRefused(ClusterKey cluster, BackupName backup, Exception exception);
}

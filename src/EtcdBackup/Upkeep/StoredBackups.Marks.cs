using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Upkeep;

/// <content>Who removes marks first, and nobody relies on what is marked.</content>
internal sealed partial class StoredBackups
{
    private const int LooksAtOnce = 16;

    // Tells its marks from those of another activation of this cluster.
    private readonly string _activation = Guid.NewGuid().ToString("N");

    private async Task<T> MarkedAsync<T>(
        BackupCatalog catalog, BackupName name, T ofAnother, Func<RemovalMark, Task<T>> remove, CancellationToken cancellationToken)
    {
        if (await catalog.MarkAsync(name, _activation, cancellationToken) is not { } mark)
        {
            LogMarked(key, name);
            return ofAnother;
        }

        try
        {
            return await remove(mark);
        }
        finally
        {
            await EndAsync(mark, name);
        }
    }

    private async Task EndAsync(RemovalMark mark, BackupName name)
    {
        try
        {
            await mark.EndAsync(CancellationToken.None);
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

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: the mark that {Backup} is being removed could not be taken away: {Why}. It is swept in an hour")]
    private partial void LogNotUnmarked(ClusterKey cluster, BackupName backup, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: {Backup} has to stay, but is no longer sound in the store, or is being removed: nothing is removed before the next " +
        "backup")]
    private partial void LogNotSafe(ClusterKey cluster, BackupName backup);
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;
using EtcdBackup.Stores;

namespace EtcdBackup.Grains;

/// <content>What happens to backups once they are stored: listed, read back, deleted, pruned.</content>
internal sealed partial class BackupGrain
{
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromHours(1);

    // Told once, and not tried again before the grain wakes anew: the store's rule outlasts many backups.
    private readonly HashSet<BackupName> _refused = [];

    private Task _scrub = Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BackupEntry>> ListBackupsAsync() =>
        state.State.Spec is null ? [] : await (await CatalogAsync()).ListAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async Task<VerificationReport?> VerifyAsync(BackupName backup)
    {
        var entry = (await ListBackupsAsync()).FirstOrDefault(b => b.Name == backup);
        return entry is null ? null : await VerifyAsync(entry, isScrub: false);
    }

    /// <inheritdoc/>
    public async Task<DeleteResult> DeleteAsync(BackupName backup, bool force)
    {
        var backups = await ListBackupsAsync();
        if (backups.FirstOrDefault(b => b.Name == backup) is not { } entry)
        {
            return DeleteResult.NotFound;
        }

        if (!force && entry.IsSound && backups.Count(b => b.IsSound) == 1)
        {
            return DeleteResult.LastSound;
        }

        await (await CatalogAsync()).DeleteAsync(backup, CancellationToken.None);
        LogDeleted(Key, backup);
        return DeleteResult.Deleted;
    }

    // Begins after a run and goes on beside the next ones: its speed is limited.
    private async Task ScrubAsync()
    {
        try
        {
            while (state.State.Spec is not null && !stop.Stopping.IsCancellationRequested && verifier.NextDue(await ListBackupsAsync()) is { } due)
            {
                await VerifyAsync(due, isScrub: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            // It comes again after the next run.
            LogScrubFailed(Key, e);
        }
    }

    private async Task<VerificationReport> VerifyAsync(BackupEntry entry, bool isScrub)
    {
        var spec = state.State.Spec!;
        var report = await Task.Run(() => verifier.VerifyAsync(spec, entry, isScrub, stop.Stopping), CancellationToken.None);
        TellListeners();
        if (!report.Verification.Sound && state.State.Latest == entry.Name)
        {
            // Unchanged or not, the last backup is worth nothing: take it again at once.
            state.State.Latest = null;
            Plan(time.GetUtcNow());
            await SaveAsync();
        }

        return report;
    }

    private async Task PruneAsync(BackupSpec spec)
    {
        try
        {
            var catalog = await CatalogAsync();
            // Oldest first: if it breaks off, what is left is what one wants most.
            foreach (var expired in RetentionPolicy.Decide(await catalog.ListAsync(CancellationToken.None), spec, time.GetUtcNow()).Where(d => !d.Keep && !_refused.Contains(d.Backup)).Reverse())
            {
                await PruneAsync(catalog, expired);
            }

            await catalog.SweepAsync(LeftoverAge, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The backup itself is safe; the next one prunes again.
            LogPruneFailed(Key, e);
        }
    }

    private async Task PruneAsync(BackupCatalog catalog, RetentionDecision expired)
    {
        try
        {
            await catalog.DeleteAsync(expired.Backup, CancellationToken.None);
            LogPruned(Key, expired.Backup, expired.Reason);
        }
        catch (DeleteRefusedException e)
        {
            _refused.Add(expired.Backup);
            LogRefused(Key, expired.Backup, e);
        }
    }
}

using EtcdBackup.Catalog;

namespace EtcdBackup.Upkeep;

/// <content>How the store is listed.</content>
internal sealed partial class StoredBackups
{
    private async Task<StoredView> ListAsync(BackupCatalog catalog, CancellationToken cancellationToken)
    {
        try
        {
            var latest = View?.Latest;
            var before = View?.ByName ?? new Dictionary<BackupName, BackupEntry>();
            var listing = await catalog.ListAsync(before, cancellationToken);
            var entries = listing.Entries.ToDictionary(e => e.Name);
            await CorrectAsync(catalog, before, entries, cancellationToken);
            (_unswept, Problem) = (listing, null);
            _view = new StoredView(entries.Values.Select(Noted), time.GetUtcNow());
            if (latest is not null && !entries.ContainsKey(latest.Name))
            {
                LogLost(key, latest.Name);
                LatestLost();
            }

            return _view;
        }
        catch (IOException e)
        {
            Problem = e.Message;
            throw;
        }
    }

    // Listings of some stores are late: a deleted backup may still be listed, and a new one may be missing.
    private async Task CorrectAsync(
        BackupCatalog catalog, IReadOnlyDictionary<BackupName, BackupEntry> before, Dictionary<BackupName, BackupEntry> entries,
            CancellationToken cancellationToken)
    {
        _gone.RemoveWhere(n => !entries.ContainsKey(n));
        var doubtful = _gone.Concat(before.Keys.Where(n => !entries.ContainsKey(n))).ToArray();
        foreach (var name in doubtful)
        {
            if (await catalog.FindAsync(name, cancellationToken) is { } there)
            {
                _gone.Remove(name);
                entries[name] = Slim(there);
            }
            else
            {
                entries.Remove(name);
            }
        }
    }

    private async Task<StoredView> LookAsync(BackupCatalog catalog, BackupName name, CancellationToken cancellationToken)
    {
        if (await catalog.FindAsync(name, cancellationToken) is { } now)
        {
            return Put(name, now);
        }

        // A late listing may still show it. One that fails tells nothing: a bucket that is gone has no object either.
        _gone.Add(name);
        try
        {
            return await ListAsync(catalog, cancellationToken);
        }
        catch (IOException)
        {
            _gone.Remove(name);
            throw;
        }
    }
}

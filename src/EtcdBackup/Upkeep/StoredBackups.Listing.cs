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
                Lose(latest);
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
        var (latest, now) = (View?.Latest, await catalog.FindAsync(name, cancellationToken));
        var view = Put(name, now);
        if (now is not null)
        {
            return view;
        }

        view = await ListAsync(catalog, cancellationToken);
        if (latest?.Name == name)
        {
            Lose(latest);
        }

        return view;
    }

    private void Lose(BackupEntry latest)
    {
        LogOther(key, latest.Name, "gone");
        LatestLost();
    }
}

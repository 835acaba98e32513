using System.Globalization;
using System.Text;

namespace EtcdBackup.Catalog;

/// <content>What is removed from the store.</content>
public sealed partial class BackupCatalog
{
    private const string MarkExtension = ".removing";

    // Longer than a removal takes, and than clocks differ. Of what crashed meanwhile the mark stays for so long.
    private static readonly TimeSpan MarkAge = TimeSpan.FromHours(1);

    /// <summary>
    /// Marks a backup as about to be removed. Two activations of a cluster may remove at the same moment, each relying on the backup that
    /// the other removes. Whoever removes marks first, and then looks at the marks: at least one of the two sees the other's.
    /// </summary>
    public Task MarkAsync(BackupName name, CancellationToken cancellationToken) => _store.WriteDocumentAsync(
        MarkOf(name), Encoding.UTF8.GetBytes(_shared.Now.ToString("O", CultureInfo.InvariantCulture)), cancellationToken);

    /// <summary>Takes the mark away.</summary>
    public Task UnmarkAsync(BackupName name, CancellationToken cancellationToken) =>
        _store.DeleteAsync(MarkOf(name), cancellationToken);

    /// <summary>Whether a backup is being removed: nobody may rely on it.</summary>
    public async Task<bool> IsMarkedAsync(BackupName name, CancellationToken cancellationToken) =>
        await _store.ReadDocumentAsync(MarkOf(name), cancellationToken) is { } mark &&
            !(DateTimeOffset.TryParse(
                Encoding.UTF8.GetString(mark), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var since) &&
                    _shared.Now - since > MarkAge);

    /// <summary>Removes a backup: first its bytes, then its metadata, so that a half-removed one is never listed.</summary>
    public async Task DeleteAsync(BackupName name, CancellationToken cancellationToken)
    {
        await _store.DeleteAsync(KeyOf(name), cancellationToken);
        await _store.DeleteAsync(DocumentOf(name), cancellationToken);
    }

    /// <summary>
    /// Removes metadata whose backup is gone, and marks, if older than <paramref name="age"/>: an interrupted removal left them.
    /// </summary>
    /// <param name="listing">A new listing of the store.</param>
    /// <param name="age">The age.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were removed.</returns>
    public async Task<int> SweepAsync(CatalogListing listing, TimeSpan age, CancellationToken cancellationToken)
    {
        var kept = listing.Entries.Select(b => b.Name + BackupMetadata.Extension).ToHashSet(StringComparer.Ordinal);
        var swept = 0;
        foreach (var orphan in listing.Others.Where(d => !kept.Contains(d.Name) && _shared.Now - d.LastModified > age))
        {
            // A listing can be late, so the object itself is looked up.
            if (orphan.Name.EndsWith(MarkExtension, StringComparison.Ordinal) ||
                (BackupMetadata.TryNameOf(orphan.Name, out var backup) && !await ExistsAsync(backup, cancellationToken)))
            {
                await _store.DeleteAsync($"{Folder}/{orphan.Name}", cancellationToken);
                swept++;
            }
        }

        return swept;
    }

    private string MarkOf(BackupName name) => KeyOf(name) + MarkExtension;
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Upkeep;

/// <summary>
/// The stored backups of one cluster: everything that changes them goes through here, one step after the other, and each step uses
/// rules, spec and store as they are at that moment. Keeps a view of the store in memory, so that reading needs no listing.
/// </summary>
/// <param name="key">Which cluster.</param>
/// <param name="spec">The spec in force; null when the cluster is not registered.</param>
/// <param name="catalogs">The stores.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs what changed.</param>
internal sealed partial class StoredBackups(
    ClusterKey key, Func<ClusterSpec?> spec, BackupCatalogs catalogs, TimeProvider time, ILogger logger)
{
    private const int ReadsAtOnce = 8;

    private readonly SerialQueue _queue = new();

    // Deleted names that a late listing may still show, and results that could not be recorded: newer than a listing.
    private readonly HashSet<BackupName> _gone = [];
    private readonly Dictionary<BackupName, (Verification Verification, string ObjectTag, long StoredSize)> _unnoted = [];

    private StorePlace? _place;
    private StoredView? _view;
    private CatalogListing? _unswept;

    /// <summary>What was last seen in the store of the spec in force; null if it was not listed yet.</summary>
    public StoredView? View => spec() is { } s && StorePlace.Of(s) == _place ? _view : null;

    /// <summary>Called when the latest backup is gone from the store, and nobody removed it through this service.</summary>
    public required Action LatestLost { private get; init; }

    /// <summary>Why the last listing of the store failed; null if it succeeded.</summary>
    public string? Problem { get; private set; }

    /// <summary>The view; lists the store if it was never listed, or not recently.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="oldest">How old the view may be; null: any age.</param>
    public async Task<StoredView> GetAsync(CancellationToken cancellationToken, TimeSpan? oldest = null) =>
        View is { } view && !(time.GetUtcNow() - view.ListedAt > oldest) ? view : await RefreshAsync(cancellationToken);

    /// <summary>Lists the store.</summary>
    public Task<StoredView> RefreshAsync(CancellationToken cancellationToken) =>
        StepAsync((_, catalog) => ListAsync(catalog, cancellationToken), cancellationToken);

    /// <summary>
    /// The backup that would be served now, checked in the store and not only in the view. If its object or document is not the one that
    /// was listed, it is read again; if the backup is gone, the store is listed again.
    /// </summary>
    public Task<BackupEntry?> ServedAsync(CancellationToken cancellationToken) => StepAsync(async (_, catalog) =>
    {
        var view = View ?? await ListAsync(catalog, cancellationToken);
        for (var tries = 0; view.Latest is { } latest && !await catalog.IsAsListedAsync(latest, cancellationToken); tries++)
        {
            view = await LookAsync(catalog, latest.Name, cancellationToken);
            if (view.Find(latest.Name) is not null)
            {
                LogChanged(key, latest.Name);
            }

            if (tries > 0)
            {
                view = await ListAsync(catalog, cancellationToken);
                break;
            }
        }

        return view.Latest;
    }, cancellationToken);

    /// <summary>
    /// Finds a backup, and checks that it is in the store. It changes nothing there, so it waits for no step, unless the backup is
    /// gone.
    /// </summary>
    /// <returns>The backup, without the snapshot part of its metadata; null if there is none.</returns>
    public async Task<BackupEntry?> FindAsync(Func<StoredView, BackupEntry?> choose, CancellationToken cancellationToken)
    {
        var view = await GetAsync(cancellationToken);
        if (choose(view) is null)
        {
            // Somebody may have put the backup there by hand.
            view = await RefreshAsync(cancellationToken);
        }

        while (choose(view) is { } found && spec() is { } now)
        {
            var catalog = await catalogs.ForAsync(now, cancellationToken);
            if (await catalog.IsAsListedAsync(found, cancellationToken))
            {
                return found;
            }

            view = await StepAsync((_, c) => LookAsync(c, found.Name, cancellationToken), cancellationToken);
            if (view.Find(found.Name) is { } changed && choose(view)?.Name == changed.Name)
            {
                return changed;
            }
        }

        return null;
    }

    /// <summary>The same entries with all their metadata, without those that were removed meanwhile.</summary>
    public async Task<IReadOnlyList<BackupEntry>> WithAllMetadataAsync(
        IReadOnlyList<BackupEntry> entries, CancellationToken cancellationToken)
    {
        var result = new BackupEntry?[entries.Count];
        if (spec() is { } now)
        {
            var catalog = await catalogs.ForAsync(now, cancellationToken);
            await Bounded.ForAsync(
                entries.Count, ReadsAtOnce, async i => result[i] = await catalog.FindAsync(entries[i].Name, cancellationToken));
        }

        return [.. result.OfType<BackupEntry>().Select(Noted)];
    }

    /// <summary>
    /// Makes a proven snapshot a backup, unless spec or store changed meanwhile. The store is listed afterwards and not before: nothing
    /// keeps another silo from writing between a listing and the commit, and what counts is that this backup is the one that is
    /// served.
    /// </summary>
    /// <param name="proven">The snapshot.</param>
    /// <param name="from">The spec that the run began with.</param>
    /// <param name="place">Makes its metadata from what is known of the store; null if the run has to check the cluster
    /// again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The backup in the store; null if the run has to check the cluster again.</returns>
    public Task<BackupEntry?> CommitAsync(
        PendingBackup proven, ClusterSpec from, Func<StoredView, BackupMetadata?> place, CancellationToken cancellationToken) =>
            StepAsync(async (now, catalog) =>
    {
        if (StorePlace.Of(now) != StorePlace.Of(from) || place(View ?? await ListAsync(catalog, cancellationToken)) is not { } metadata)
        {
            return null;
        }

        if (await catalog.CommitAsync(
            proven, metadata, n => _unnoted.TryGetValue(n, out var v) && !v.Verification.Sound, cancellationToken) is not { } entry)
        {
            return null;
        }

        _gone.Remove(entry.Name);
        Put(entry.Name, entry);

        // A higher revision of the same lineage is newer, or of a restore that another silo did not notice: the next check decides.
        return (await ListAsync(catalog, cancellationToken)).Latest?.Name == entry.Name ? entry : null;
    }, cancellationToken);

    /// <summary>Quarantines a snapshot that is not sound, to be examined.</summary>
    /// <returns>Its key in the store.</returns>
    public Task<string> QuarantineAsync(PendingBackup pending, QuarantineName name, string reason, CancellationToken cancellationToken) =>
        StepAsync((_, catalog) => catalog.QuarantineAsync(pending, name, reason, cancellationToken), cancellationToken);

    /// <summary>Records the result of reading a backup back.</summary>
    /// <param name="read">The backup as it was when the reading began.</param>
    /// <param name="verification">The result.</param>
    /// <param name="rebuilt">Metadata made from the file, for a backup that has none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<bool> NoteAsync(
        BackupEntry read, Verification verification, BackupMetadata rebuilt, CancellationToken cancellationToken) =>
        StepAsync(async (_, catalog) =>
    {
        // In force at once, even if the store refuses to record it.
        _unnoted[read.Name] = (verification, read.ObjectTag, read.StoredSize);
        Put(read.Name, View?.Find(read.Name));
        var noted = await catalog.NoteAsync(
            read.Name,
            m => (m ?? rebuilt).ReadAs(verification, read.ObjectTag, read.StoredSize) with { Snapshot = m?.Snapshot ?? rebuilt.Snapshot },
            cancellationToken);
        if (noted is null || noted.Metadata?.Verification == verification)
        {
            // A newer build's document is not overwritten: then the result is in force in memory.
            _unnoted.Remove(read.Name);
        }

        Put(read.Name, noted);
        return noted is not null;
    }, cancellationToken);

    private Task<T> StepAsync<T>(Func<ClusterSpec, BackupCatalog, Task<T>> step, CancellationToken cancellationToken) =>
        _queue.RunAsync(async () =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        var now = spec() ?? throw new OperationCanceledException($"{key} is not registered any more");
        return await step(now, await CatalogAsync(now, cancellationToken));
    });

    private async Task<BackupCatalog> CatalogAsync(ClusterSpec now, CancellationToken cancellationToken)
    {
        if (StorePlace.Of(now) != _place)
        {
            (_place, _view, _unswept) = (StorePlace.Of(now), null, null);
            _gone.Clear();
            _unnoted.Clear();
            _refused.Clear();
        }

        try
        {
            return await catalogs.ForAsync(now, cancellationToken);
        }
        catch (StoreException e)
        {
            Problem = e.Message;
            throw;
        }
    }

    private StoredView Put(BackupName name, BackupEntry? entry)
    {
        if (entry is null)
        {
            _gone.Add(name);
        }

        return _view = (_view ?? new StoredView([], time.GetUtcNow())).With(name, entry is null ? null : Noted(Slim(entry)));
    }

    private static BackupEntry Slim(BackupEntry entry) => entry with { Metadata = entry.Metadata?.WithoutSnapshot() };

    // Results that are newer than the store's documents. Damage that another silo noted since does not go away.
    private BackupEntry Noted(BackupEntry entry)
    {
        return _unnoted.TryGetValue(entry.Name, out var read) &&
            !(entry.Metadata is { Verification.Sound: false } noted && noted.ObjectTag == read.ObjectTag)
            ? entry with { Metadata = Known(entry).ReadAs(read.Verification, read.ObjectTag, read.StoredSize) }
            : entry;

        static BackupMetadata Known(BackupEntry entry) => entry.Metadata ?? BackupMetadata.Rebuild(entry, entry.StoredSize, "", null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: its latest backup {Backup} is gone from the store since it was last seen; a new one is taken")]
    private partial void LogLost(ClusterKey cluster, BackupName backup);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: its latest backup {Backup} was changed in the store since it was last seen")]
    private partial void LogChanged(ClusterKey cluster, BackupName backup);
}

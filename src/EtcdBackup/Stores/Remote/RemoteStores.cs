namespace EtcdBackup.Stores.Remote;

/// <summary>
/// The stores in use: one that was not requested for a while is dropped here, and whoever has it may continue to use it.
/// </summary>
internal sealed class RemoteStores(TimeProvider time)
{
    // Longer than the longest pause between two sweeps, so that whatever was used is swept at least once more.
    internal static readonly TimeSpan Kept = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<(object Spec, string Secret), Entry> _entries = [];

    /// <summary>The recently used stores.</summary>
    public IReadOnlyList<IBackupStore> All
    {
        get
        {
            lock (_lock)
            {
                ReleaseUnused();
                return [.. _entries.Values.Select(e => e.Store)];
            }
        }
    }

    /// <summary>The store of a spec and a secret; a new one when the secret's content changed.</summary>
    public IBackupStore Get((object Spec, string Secret) key, string fingerprint, Func<IBackupStore> create)
    {
        if (Find(key, fingerprint) is { } known)
        {
            return known;
        }

        // Outside of the lock: it reads files and may fail. Two at once may both make one; the first is kept.
        var created = create();
        lock (_lock)
        {
            if (Find(key, fingerprint) is { } other)
            {
                return other;
            }

            _entries[key] = new Entry(fingerprint, created) { LastUsed = time.GetTimestamp() };
            return created;
        }
    }

    private IBackupStore? Find((object Spec, string Secret) key, string fingerprint)
    {
        lock (_lock)
        {
            ReleaseUnused();
            if (!_entries.TryGetValue(key, out var entry) || entry.Fingerprint != fingerprint)
            {
                return null;
            }

            entry.LastUsed = time.GetTimestamp();
            return entry.Store;
        }
    }

    // There are only as many as buckets: walking all of them costs nothing.
    private void ReleaseUnused()
    {
        foreach (var (key, entry) in _entries)
        {
            if (time.GetElapsedTime(entry.LastUsed) > Kept)
            {
                _entries.Remove(key);
            }
        }
    }

    private sealed record Entry(string Fingerprint, IBackupStore Store)
    {
        public long LastUsed { get; set; }
    }
}

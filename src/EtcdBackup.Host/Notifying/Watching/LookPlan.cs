using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>
/// Which cluster is asked next, and for what. Each is asked for its summary now and then, since one of which nothing is heard may be stale.
/// What its store holds is asked at first, and then only when it told something, and not too often: that may list the store.
/// </summary>
/// <param name="every">The time between two questions to one cluster.</param>
internal sealed class LookPlan(TimeSpan every)
{
    // A directory that lost its state lists a cluster again when its grain checks in, within some minutes.
    private static readonly TimeSpan GoneAfter = TimeSpan.FromMinutes(15);

    private readonly Dictionary<ClusterKey, Entry> _entries = [];

    /// <summary>All clusters.</summary>
    public IReadOnlyCollection<ClusterKey> Clusters => _entries.Keys;

    /// <summary>
    /// Since when a cluster is there of which not all is known: it did not answer when it was asked last, or never told what its store
    /// holds. Null if all is known.
    /// </summary>
    public DateTimeOffset? UnknownSince(ClusterKey cluster) =>
        _entries.TryGetValue(cluster, out var entry) && !entry.IsKnown ? entry.Since : null;

    /// <summary>A cluster told that something happened.</summary>
    public void Note(ClusterKey cluster, DateTimeOffset now)
    {
        var entry = EntryOf(cluster, now);
        entry.SummaryDue = now;
        entry.StatusDue = entry.StatusAt is { } at && at + every > now ? at + every : now;
    }

    /// <summary>Takes in the list of all clusters.</summary>
    /// <returns>Those that were not in it for so long that they are gone.</returns>
    public IReadOnlyList<ClusterKey> Set(IEnumerable<ClusterKey> clusters, DateTimeOffset now)
    {
        var listed = clusters.ToHashSet();
        foreach (var cluster in listed)
        {
            EntryOf(cluster, now).MissingSince = null;
        }

        var gone = new List<ClusterKey>();
        foreach (var (cluster, entry) in _entries.Where(e => !listed.Contains(e.Key)))
        {
            entry.MissingSince ??= now;
            if (now - entry.MissingSince >= GoneAfter)
            {
                gone.Add(cluster);
            }
        }

        gone.ForEach(c => _entries.Remove(c));
        return gone;
    }

    /// <summary>Whether the last list named it.</summary>
    public bool IsListed(ClusterKey cluster) => _entries.TryGetValue(cluster, out var entry) && entry.MissingSince is null;

    /// <summary>Takes clusters that are due; each has to be told of by <see cref="Done"/> or <see cref="Failed"/>.</summary>
    public IReadOnlyList<(ClusterKey Cluster, bool WithStatus)> Take(int atMost, DateTimeOffset now)
    {
        var due = new List<(ClusterKey Cluster, bool WithStatus)>();
        foreach (var (cluster, entry) in _entries)
        {
            if (due.Count >= atMost)
            {
                break;
            }

            var withStatus = entry.StatusDue <= now;
            if (!entry.IsAsked && (withStatus || entry.SummaryDue <= now))
            {
                (entry.IsAsked, entry.IsAskedForStatus, entry.SummaryDue) = (true, withStatus, now + every);
                (entry.StatusDue, entry.StatusAt) = withStatus ? (null, now) : (entry.StatusDue, entry.StatusAt);
                due.Add((cluster, withStatus));
            }
        }

        return due;
    }

    /// <summary>It answered.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="withStatus">Whether it told what its store holds.</param>
    public void Done(ClusterKey cluster, bool withStatus)
    {
        if (_entries.TryGetValue(cluster, out var entry))
        {
            entry.IsSeen |= withStatus;
            (entry.IsAsked, entry.IsKnown) = (false, entry.IsSeen);
            AskAgain(entry, withStatus);
        }
    }

    /// <summary>It did not answer.</summary>
    public void Failed(ClusterKey cluster)
    {
        if (_entries.TryGetValue(cluster, out var entry))
        {
            (entry.IsAsked, entry.IsKnown) = (false, false);
            AskAgain(entry, withStatus: false);
        }
    }

    // What its store holds is still to be known.
    private static void AskAgain(Entry entry, bool withStatus)
    {
        if (entry.IsAskedForStatus && !withStatus)
        {
            entry.StatusDue ??= entry.SummaryDue;
        }
    }

    private Entry EntryOf(ClusterKey cluster, DateTimeOffset now)
    {
        if (!_entries.TryGetValue(cluster, out var entry))
        {
            _entries[cluster] = entry = new Entry { Since = now, SummaryDue = now, StatusDue = now };
        }

        return entry;
    }

    private sealed class Entry
    {
        public required DateTimeOffset Since { get; init; }

        public DateTimeOffset SummaryDue { get; set; }

        public DateTimeOffset? StatusDue { get; set; }

        public DateTimeOffset? StatusAt { get; set; }

        public DateTimeOffset? MissingSince { get; set; }

        public bool IsAsked { get; set; }

        public bool IsAskedForStatus { get; set; }

        public bool IsKnown { get; set; }

        public bool IsSeen { get; set; }
    }
}

namespace EtcdBackup.Clusters;

/// <summary>What the living reporters name. A reporter is one reader of one source: a silo's of its file, or the Kubernetes
/// controller.</summary>
internal sealed class Reporters
{
    // Ordered, so that the same reports lead to the same decisions.
    private readonly SortedDictionary<string, List<Reporter>> _bySource = new(StringComparer.Ordinal);

    /// <summary>The sources that have a living reporter.</summary>
    public IEnumerable<string> Sources => _bySource.Keys;

    /// <summary>The reporters of a source, ordered by name.</summary>
    public IReadOnlyList<Reporter> Of(string source) => _bySource.TryGetValue(source, out var all) ? all : [];

    /// <summary>A reporter; null if it did not report recently.</summary>
    public Reporter? Find(string source, string name) => Of(source).FirstOrDefault(r => r.Name == name);

    /// <summary>A reporter, added if it is new.</summary>
    public Reporter GetOrAdd(string source, string name)
    {
        if (Find(source, name) is { } known)
        {
            return known;
        }

        var made = new Reporter(name);
        var all = _bySource.TryGetValue(source, out var there) ? there : _bySource[source] = [];
        all.Add(made);
        all.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return made;
    }

    /// <summary>Drops the reporters that did not report for too long.</summary>
    public void Bury(DateTimeOffset now)
    {
        foreach (var (source, all) in _bySource.ToArray())
        {
            all.RemoveAll(r => now - r.HeardAt >= RemovalTimes.Living);
            if (all.Count == 0)
            {
                _bySource.Remove(source);
            }
        }
    }

    /// <summary>Whether a living reporter of the source names the cluster, with which spec (the newest list's, else the first reporter's by
    /// name), and when the newest file that names it was written.</summary>
    public (bool IsNamed, ClusterSpec? Spec, DateTimeOffset WrittenAt) Look(string source, ClusterKey key)
    {
        var isNamed = false;
        ClusterSpec? spec = null;
        var (stamp, writtenAt) = (DateTimeOffset.MinValue, DateTimeOffset.MinValue);
        foreach (var reporter in Of(source))
        {
            if (reporter.Names.TryGetValue(key, out var said))
            {
                isNamed = true;
                writtenAt = reporter.ListWrittenAt > writtenAt ? reporter.ListWrittenAt : writtenAt;
                if (said is not null && (spec is null || reporter.Stamp > stamp))
                {
                    (spec, stamp) = (said, reporter.Stamp);
                }
            }
        }

        return (isNamed, spec, writtenAt);
    }

    /// <summary>Whether a living reporter lists clusters of the source, and not this one, in a list that is new enough to prove it: no file
    /// of another reporter is newer, silent or not, nor any file that named the cluster.</summary>
    /// <param name="source">The source.</param>
    /// <param name="key">The cluster.</param>
    /// <param name="namedIn">When the newest file that ever named it was written.</param>
    public bool Lacks(string source, ClusterKey key, DateTimeOffset namedIn)
    {
        var all = Of(source);
        var newest = all.Aggregate(namedIn, (latest, r) => r.FileWrittenAt > latest ? r.FileWrittenAt : latest);
        return all.Any(r => r is { IsSilent: false, IsWhole: true, Names.Count: > 0 } && r.FileWrittenAt >= newest &&
            !r.Names.ContainsKey(key));
    }

    /// <summary>The equal spec of another reporter, if there is one, so that ten thousand specs are in memory only once.</summary>
    public ClusterSpec Shared(string source, ClusterSpec spec)
    {
        foreach (var reporter in Of(source))
        {
            if (reporter.Names.TryGetValue(spec.Key, out var known) && spec == known)
            {
                return known!;
            }
        }

        return spec;
    }
}

/// <summary>One reporter.</summary>
/// <param name="name">Its name, for messages and to break ties.</param>
internal sealed class Reporter(string name)
{
    public string Name { get; } = name;

    /// <summary>When it last reported.</summary>
    public DateTimeOffset HeardAt { get; set; }

    /// <summary>How new its list is.</summary>
    public DateTimeOffset Stamp { get; set; }

    /// <summary>When the file of its last list was written; the minimum value for a list that comes from no file.</summary>
    public DateTimeOffset ListWrittenAt { get; set; }

    /// <summary>When its present file was written, even if that has no list. A file that cannot be read keeps its last time.</summary>
    public DateTimeOffset FileWrittenAt { get; set; }

    /// <summary>Whether it says nothing about clusters now. Its last list stays, but proves nothing about those it lacks.</summary>
    public bool IsSilent { get; set; } = true;

    /// <summary>Whether it reported a whole list, not only single clusters.</summary>
    public bool IsWhole { get; set; }

    /// <summary>The clusters of its last list, with their specs if known.</summary>
    public Dictionary<ClusterKey, ClusterSpec?> Names { get; set; } = [];
}

namespace EtcdBackup.Clusters;

/// <summary>
/// Decides which clusters are registered; it does nothing itself, and has no clock. Removal is explicit, never inferred: a cluster is
/// unregistered only when, for the whole grace and without a break, a living reporter lists others of its source in a list that is as new
/// as any, and no living reporter names it. Silence, an empty list, an older file and a lost state remove nothing.
/// </summary>
/// <param name="times">How long removal takes.</param>
internal sealed partial class ClusterRegister(RemovalTimes times)
{
    private readonly SortedDictionary<string, ClusterEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<ClusterKey, ClusterEntry> _byKey = [];
    private readonly Reporters _reporters = new();
    private readonly Dictionary<ClusterKey, DateTimeOffset> _forgotten = [];

    /// <summary>The times in force.</summary>
    public RemovalTimes Times => times;

    /// <summary>Rises with each change that has to be saved.</summary>
    public int Version { get; private set; }

    /// <summary>All known clusters, ordered by name.</summary>
    public IReadOnlyCollection<ClusterEntry> Entries => _entries.Values;

    /// <summary>One cluster; null if unknown.</summary>
    public ClusterEntry? Find(ClusterKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>Adds a saved entry.</summary>
    public void AddSaved(ClusterEntry entry) => _entries[entry.Key.ToString()] = _byKey[entry.Key] = entry;

    /// <summary>A reporter says that its list has not changed.</summary>
    /// <returns>False if that list is not known here and must be reported.</returns>
    public bool Hear(string source, string reporter, DateTimeOffset now)
    {
        _reporters.Bury(now);
        if (_reporters.Find(source, reporter) is not { IsWhole: true } known)
        {
            return false;
        }

        known.HeardAt = now;
        return true;
    }

    /// <summary>A reporter says which clusters its source names.</summary>
    /// <param name="source">The source, e.g. <c>configuration</c>.</param>
    /// <param name="reporter">The reporter: one silo's reader of one file.</param>
    /// <param name="stamp">When its file was written. Of two specs for one cluster, that of the newer list is in force. A list older than
    /// any other file does not prove that a cluster is no longer named.</param>
    /// <param name="specs">The clusters; empty: there are none; null: the reporter is silent, and its last list stays.</param>
    /// <param name="now">The time.</param>
    public RegisterWork Report(string source, string reporter, DateTimeOffset stamp, IReadOnlyList<ClusterSpec>? specs, DateTimeOffset now)
    {
        var known = Heard(source, reporter, now);
        known.IsSilent = specs is null;
        if (specs is null)
        {
            known.FileWrittenAt = stamp > known.FileWrittenAt ? stamp : known.FileWrittenAt;
        }
        else
        {
            known.ListWrittenAt = known.FileWrittenAt = stamp;
            (known.Stamp, known.IsWhole, known.Names) = (stamp, true, specs.ToDictionary(s => s.Key, s
                => (ClusterSpec?)_reporters.Shared(source, s)));
        }

        return Settle(source, specs?.Select(s => s.Key).ToArray() ?? [], now);
    }

    /// <summary>A reporter says which clusters its source names, without their specs: those came by <see cref="ReportSome"/>.</summary>
    /// <param name="source">The source.</param>
    /// <param name="reporter">The reporter.</param>
    /// <param name="keys">The clusters; null: the reporter does not know now.</param>
    /// <param name="now">The time.</param>
    public RegisterWork ReportNames(string source, string reporter, IReadOnlyList<ClusterKey>? keys, DateTimeOffset now)
    {
        var known = Heard(source, reporter, now);
        known.IsSilent = keys is null;
        if (keys is not null)
        {
            (known.IsWhole, known.Names) = (true, keys.Distinct().ToDictionary(k => k, k => known.Names.GetValueOrDefault(k)));
        }

        return Settle(source, keys ?? [], now);
    }

    /// <summary>A reporter names some clusters; the others that it named stay named.</summary>
    /// <param name="source">The source.</param>
    /// <param name="reporter">The reporter.</param>
    /// <param name="specs">The clusters.</param>
    /// <param name="now">The time.</param>
    public RegisterWork ReportSome(string source, string reporter, IReadOnlyList<ClusterSpec> specs, DateTimeOffset now)
    {
        var known = Heard(source, reporter, now);
        (known.IsSilent, known.Stamp) = (false, now);
        foreach (var spec in specs)
        {
            known.Names[spec.Key] = _reporters.Shared(source, spec);
            if (Find(spec.Key) is { } entry)
            {
                // The caller waits for it.
                entry.TryAgainAt = default;
            }
        }

        return Settle(source, [.. specs.Select(s => s.Key)], now);
    }

    /// <summary>Decides again, because time has passed.</summary>
    /// <returns>All that has to be done, including what failed before.</returns>
    public RegisterWork Tick(DateTimeOffset now)
    {
        _reporters.Bury(now);
        foreach (var (key, _) in _forgotten.Where(f => now - f.Value >= RemovalTimes.Living).ToArray())
        {
            _forgotten.Remove(key);
        }

        // A name that another source owned until now is free.
        foreach (var source in _reporters.Sources)
        {
            AddNew(source, _reporters.Of(source).SelectMany(r => r.Names.Keys), now);
        }

        foreach (var entry in _entries.Values.ToArray())
        {
            Consider(entry, now);
            if ((entry is { Stage: ClusterStage.Departed, Spec: not { Backup.AutoDelete: true } }
                && now - entry.UnregisteredAt >= times.BackupsGrace) ||
                (entry.Stage == ClusterStage.BackupsDeleted && now - entry.BackupsDeletedAt >= times.BackupsGrace))
            {
                RemoveEntry(entry);
            }
        }

        return new RegisterWork([.. _entries.Values.Select(e => NextAct(e.Key, now)).OfType<RegisterAct>()], []);
    }

    /// <summary>A cluster's grain checks in.</summary>
    /// <param name="key">The cluster.</param>
    /// <param name="spec">Its spec; null if the grain lost its state.</param>
    /// <param name="source">The source, as the grain remembers it.</param>
    /// <param name="now">The time.</param>
    /// <returns>The spec in force, if it is registered and the spec is known.</returns>
    public ClusterSpec? CheckIn(ClusterKey key, ClusterSpec? spec, string source, DateTimeOffset now)
    {
        _reporters.Bury(now);
        var entry = Find(key);
        if (spec is not null && !_forgotten.ContainsKey(key) && entry is not { Stage: ClusterStage.Registered })
        {
            // The directory's state was lost, or is older than the grain's.
            entry ??= Add(key, source, now);
            Register(entry, now);
            entry.Spec = spec;
            Consider(entry, now);
        }

        return entry is { Stage: ClusterStage.Registered, NamedAt: not null } ? entry.Spec : null;
    }

    private Reporter Heard(string source, string reporter, DateTimeOffset now)
    {
        _reporters.Bury(now);
        var known = _reporters.GetOrAdd(source, reporter);
        known.HeardAt = now;
        return known;
    }

    private RegisterWork Settle(string source, IReadOnlyList<ClusterKey> named, DateTimeOffset now)
    {
        foreach (var key in named)
        {
            _forgotten.Remove(key);
            if (Find(key) is { } entry && entry.Source != source && entry.Stage != ClusterStage.Registered)
            {
                Consider(entry, now);
            }
        }

        AddNew(source, named, now);
        var acts = new List<RegisterAct>();
        foreach (var entry in _entries.Values.Where(e => e.Source == source).ToArray())
        {
            Consider(entry, now);
            if (NextAct(entry.Key, now) is { } act)
            {
                acts.Add(act);
            }
        }

        return new RegisterWork(acts, [.. named.Select(Find).OfType<ClusterEntry>().Where(e => e.Source != source)]);
    }
}

namespace EtcdBackup.Clusters;

/// <content>What has to be known before a removal, and what a removal changes.</content>
internal sealed partial class ClusterRegister
{
    /// <summary>The reporters of all sources that name a cluster, without those that are silent now.</summary>
    public IReadOnlyList<string> NamedBy(ClusterKey key, DateTimeOffset now)
    {
        _reporters.Bury(now);
        return [.. _reporters.Sources.SelectMany(s => _reporters.Of(s).Where(r => !r.IsSilent && r.Names.ContainsKey(key)).Select(r
            => $"{s} ({r.Name})"))];
    }

    /// <summary>The registered clusters that this reporter's list lacks and no reporter names, kept because its file is too old.</summary>
    public IReadOnlyList<ClusterKey> KeptFrom(string source, string reporter) =>
        _reporters.Find(source, reporter) is { IsSilent: false, Names.Count: > 0 } known
            ? [.. _entries.Values.Where(e => e.Source == source && e.Stage == ClusterStage.Registered && known.FileWrittenAt < e.NamedIn &&
                !_reporters.Look(source, e.Key).IsNamed).Select(e => e.Key)]
            : [];

    /// <summary>The clusters that a reporter names without a spec.</summary>
    public IReadOnlyList<ClusterKey> WithoutSpec(string source, string reporter) =>
        _reporters.Find(source, reporter) is { IsSilent: false } known ? [.. known.Names.Where(n => n.Value is null).Select(n => n.Key)]
            : [];

    /// <summary>Takes a cluster out of the last lists of its source, because the source itself reported it as removed.</summary>
    public void RemoveFromLists(ClusterKey key, string source)
    {
        foreach (var reporter in _reporters.Of(source))
        {
            reporter.Names.Remove(key);
        }
    }

    /// <summary>Drops a cluster that was removed on request, unless its source named it again meanwhile.</summary>
    public void Forget(ClusterKey key, DateTimeOffset now)
    {
        if (Find(key) is not { } entry)
        {
            return;
        }

        if (_reporters.Of(entry.Source).Any(r => !r.IsSilent && r.Names.ContainsKey(key)))
        {
            // Its grain has lost the spec, which has to be applied again.
            entry.Applied = null;
            Consider(entry, now);
            return;
        }

        RemoveEntry(entry);
        _forgotten[key] = now;
        foreach (var reporter in _reporters.Sources.SelectMany(_reporters.Of).Where(r => r.IsSilent))
        {
            reporter.Names.Remove(key);
        }
    }
}

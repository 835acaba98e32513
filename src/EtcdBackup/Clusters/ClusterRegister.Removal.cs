namespace EtcdBackup.Clusters;

/// <content>What a person asks before a removal, and what is known after it.</content>
internal sealed partial class ClusterRegister
{
    /// <summary>Who names a cluster, of all sources; those that are silent just now do not count.</summary>
    public IReadOnlyList<string> NamedBy(ClusterKey key, DateTimeOffset now)
    {
        _reporters.Bury(now);
        return [.. _reporters.Sources.SelectMany(s => _reporters.Of(s).Where(r => !r.IsSilent && r.Names.ContainsKey(key)).Select(r
            => $"{s} ({r.Name})"))];
    }

    /// <summary>The registered clusters that nobody names and a reporter's list lacks, but in a file that is too old to tell.</summary>
    public IReadOnlyList<ClusterKey> KeptFrom(string source, string reporter) =>
        _reporters.Find(source, reporter) is { IsSilent: false, Names.Count: > 0 } teller
            ? [.. _entries.Values.Where(e => e.Source == source && e.Stage == ClusterStage.Registered && teller.FileWrittenAt < e.NamedIn &&
                !_reporters.Look(source, e.Key).IsNamed).Select(e => e.Key)]
            : [];

    /// <summary>The clusters that a reporter names by name alone.</summary>
    public IReadOnlyList<ClusterKey> WithoutSpec(string source, string reporter) =>
        _reporters.Find(source, reporter) is { IsSilent: false } teller ? [.. teller.Names.Where(n => n.Value is null).Select(n => n.Key)]
            : [];

    /// <summary>A source itself says that a cluster is no more: its last lists name it no more.</summary>
    public void Strike(ClusterKey key, string source)
    {
        foreach (var reporter in _reporters.Of(source))
        {
            reporter.Names.Remove(key);
        }
    }

    /// <summary>A cluster was removed at once, as somebody said. It is forgotten, unless its source named it meanwhile.</summary>
    public void Forget(ClusterKey key, DateTimeOffset now)
    {
        if (Find(key) is not { } entry)
        {
            return;
        }

        if (_reporters.Of(entry.Source).Any(r => !r.IsSilent && r.Names.ContainsKey(key)))
        {
            // Its grain knows nothing of it any more, and has to be told anew.
            entry.Applied = null;
            Consider(entry, now);
            return;
        }

        Drop(entry);
        _forgotten[key] = now;
        foreach (var reporter in _reporters.Sources.SelectMany(_reporters.Of).Where(r => r.IsSilent))
        {
            reporter.Names.Remove(key);
        }
    }
}

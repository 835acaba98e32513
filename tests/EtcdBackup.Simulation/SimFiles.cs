using EtcdBackup.Clusters;

namespace EtcdBackup.Simulation;

/// <summary>What is wrong with a silo's configuration file.</summary>
internal enum FileMood
{
    Well,

    /// <summary>It says nothing of clusters, or there is none.</summary>
    Silent,

    /// <summary>It says that there are none.</summary>
    Empty,

    /// <summary>It cannot be read.</summary>
    Unreadable,

    /// <summary>It is an older one.</summary>
    Older,
}

/// <summary>The configuration, version by version, and each silo's copy of it.</summary>
internal sealed class SimFiles(World world)
{
    private readonly List<(DateTimeOffset Stamp, IReadOnlyList<ClusterSpec> Specs)> _versions = [];
    private readonly Dictionary<string, (FileMood Mood, int Version)> _bad = [];

    /// <summary>The clusters of the newest version.</summary>
    public IReadOnlyList<ClusterSpec> Newest => _versions.Count == 0 ? [] : _versions[^1].Specs;

    /// <summary>Writes a new version; silos with a bad copy do not get it.</summary>
    public void Write(IReadOnlyList<ClusterSpec> specs) => _versions.Add((world.Now, specs));

    /// <summary>Something happens to a silo's copy.</summary>
    public void Spoil(string silo, FileMood mood, int chance) => _bad[silo] = (mood, Math.Max(0, _versions.Count - 1 - (chance % 4)));

    /// <summary>All silos get the newest version.</summary>
    public void Heal() => _bad.Clear();

    /// <summary>What a silo reads.</summary>
    /// <returns>When that was written, and the clusters; null: it says nothing of them.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public (DateTimeOffset Stamp, IReadOnlyList<ClusterSpec>? Specs) Read(string silo)
    {
        var (mood, version) = _bad.GetValueOrDefault(silo, (FileMood.Well, _versions.Count - 1));
        return mood switch
        {
            FileMood.Unreadable => throw new IOException("the file cannot be read"),
            FileMood.Silent => (world.Now, null),
            FileMood.Empty => (world.Now, []),
            FileMood.Older => _versions[version],
            _ => _versions[^1],
        };
    }
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>What the directory saves: names and removals, and only those specs that nothing else records any more.</summary>
internal sealed record ClusterDirectoryState
{
    /// <summary>Version of this shape.</summary>
    public int Format { get; set; } = 1;

    /// <summary>Each registered cluster (<c>namespace/name</c>) and the source that owns it.</summary>
    public Dictionary<string, string> Sources { get; set; } = [];

    /// <summary>The clusters that are missing or unregistered; absent in a state of an older build.</summary>
    public Dictionary<string, ClusterMark> Marks { get; set; } = [];

    /// <summary>For each cluster that a file named: when the newest such file was written. Absent in a state of an older build, until a
    /// file names the cluster again.</summary>
    public Dictionary<string, DateTimeOffset> NamedIn { get; set; } = [];

    /// <summary>The part of a register that has to be saved.</summary>
    public static ClusterDirectoryState Of(ClusterRegister register)
    {
        var state = new ClusterDirectoryState();
        foreach (var entry in register.Entries)
        {
            var key = entry.Key.ToString();
            if (entry.Stage == ClusterStage.Registered)
            {
                state.Sources[key] = entry.Source;
            }

            if (entry.NamedIn != default)
            {
                state.NamedIn[key] = entry.NamedIn;
            }

            if (entry.Stage != ClusterStage.Registered || entry.MissingSince is not null)
            {
                state.Marks[key] = new ClusterMark(entry.Source, entry.Stage, entry.MissingSince, entry.UnregisteredAt,
                    entry.BackupsDeletedAt, entry.KeptSpec);
            }
        }

        return state;
    }

    /// <summary>Adds the saved clusters to a register.</summary>
    public void RestoreTo(ClusterRegister register)
    {
        foreach (var (key, source) in Sources)
        {
            Restore(key, Marks.TryGetValue(key, out var mark) ? mark.ToEntry(key) : new ClusterEntry(ClusterKey.Parse(key), source));
        }

        foreach (var (key, mark) in Marks.Where(m => !Sources.ContainsKey(m.Key)))
        {
            Restore(key, mark.ToEntry(key));
        }

        void Restore(string key, ClusterEntry entry)
        {
            entry.NamedIn = NamedIn.GetValueOrDefault(key);
            register.AddSaved(entry);
        }
    }
}

/// <summary>A cluster that is missing or was unregistered.</summary>
/// <param name="Source">The source that owns it.</param>
/// <param name="Stage">How far its removal is.</param>
/// <param name="MissingSince">When it was first missing.</param>
/// <param name="UnregisteredAt">When it was unregistered.</param>
/// <param name="BackupsDeletedAt">When its backups were deleted.</param>
/// <param name="Spec">Its spec, if its backups still have to be deleted.</param>
internal sealed record ClusterMark(
    string Source, ClusterStage Stage, DateTimeOffset? MissingSince, DateTimeOffset? UnregisteredAt, DateTimeOffset? BackupsDeletedAt,
        ClusterSpec? Spec)
{
    internal ClusterEntry ToEntry(string key) => new(ClusterKey.Parse(key), Source)
    {
        Stage = Stage,
        MissingSince = MissingSince,
        UnregisteredAt = UnregisteredAt,
        BackupsDeletedAt = BackupsDeletedAt,
        Spec = Spec,
    };
}

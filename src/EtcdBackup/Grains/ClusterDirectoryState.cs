using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>What the directory keeps: names and marks, and no specs but those that nobody else would know any more.</summary>
internal sealed record ClusterDirectoryState
{
    /// <summary>Version of this shape.</summary>
    public int Format { get; set; } = 1;

    /// <summary>Each registered cluster (<c>namespace/name</c>) and the source that asked for it.</summary>
    public Dictionary<string, string> Sources { get; set; } = [];

    /// <summary>The clusters that are missed, or were unregistered; a state that was written before there were any has none.</summary>
    public Dictionary<string, ClusterMark> Marks { get; set; } = [];

    /// <summary>When the newest file was written that named a cluster, of those that a file named. A state of an older build has none: then
    /// it is known again as soon as a file names it.</summary>
    public Dictionary<string, DateTimeOffset> NamedIn { get; set; } = [];

    /// <summary>What has to be kept of a register.</summary>
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

    /// <summary>Takes over what was kept.</summary>
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
            register.Restore(entry);
        }
    }
}

/// <summary>A cluster on its way out.</summary>
/// <param name="Source">Who asked for it.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="MissingSince">When it was first missed.</param>
/// <param name="UnregisteredAt">When it was unregistered.</param>
/// <param name="BackupsDeletedAt">When its backups were deleted.</param>
/// <param name="Spec">Its spec, where its backups have yet to be deleted.</param>
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

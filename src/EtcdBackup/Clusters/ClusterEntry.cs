namespace EtcdBackup.Clusters;

/// <summary>What a <see cref="ClusterRegister"/> knows of one cluster.</summary>
/// <param name="key">The cluster.</param>
/// <param name="source">The source that owns it.</param>
internal sealed class ClusterEntry(ClusterKey key, string source)
{
    public ClusterKey Key { get; } = key;

    /// <summary>The source that owns it.</summary>
    public string Source { get; internal set; } = source;

    /// <summary>How far its removal is.</summary>
    public ClusterStage Stage { get; set; }

    /// <summary>When a source last named it, since this register was created.</summary>
    public DateTimeOffset? NamedAt { get; internal set; }

    /// <summary>When the newest file that ever named it was written: no older file proves that it is no longer named. The minimum value if
    /// unknown, or if its source is not a file.</summary>
    public DateTimeOffset NamedIn { get; set; }

    /// <summary>When it was first found missing; null while it is named.</summary>
    public DateTimeOffset? MissingSince { get; set; }

    /// <summary>When it was unregistered.</summary>
    public DateTimeOffset? UnregisteredAt { get; set; }

    /// <summary>When its backups were deleted.</summary>
    public DateTimeOffset? BackupsDeletedAt { get; set; }

    /// <summary>The spec in force, or the last one; null if unknown, as after a restart before any reporter named the cluster.</summary>
    public ClusterSpec? Spec { get; set; }

    /// <summary>Since when, without a break, living reporters lack it and none names it. Not saved: what was seen before a restart says
    /// nothing about now.</summary>
    internal DateTimeOffset? AbsentFrom { get; set; }

    /// <summary>Whether it is being unregistered.</summary>
    internal bool IsLeaving { get; set; }

    /// <summary>The spec that has to survive a restart: nothing else records where the backups to delete are.</summary>
    public ClusterSpec? KeptSpec => (IsLeaving || Stage == ClusterStage.Departed) && Spec is { Backup.AutoDelete: true } ? Spec : null;

    /// <summary>The spec that was last applied to the grain; null when it has to be applied.</summary>
    internal ClusterSpec? Applied { get; set; }

    /// <summary>When the spec is applied to the grain again.</summary>
    internal DateTimeOffset ApplyAgainAt { get; set; }

    /// <summary>A new cluster's first backup begins within this time.</summary>
    internal TimeSpan Within { get; set; }

    /// <summary>The failures in a row of the pending act.</summary>
    internal int Failures { get; set; }

    /// <summary>When the act is tried again.</summary>
    internal DateTimeOffset TryAgainAt { get; set; }

    /// <summary>When it was, or will be, unregistered; null if no removal has begun.</summary>
    /// <param name="times">The times in force.</param>
    public DateTimeOffset? UnregisteredBy(RemovalTimes times) => UnregisteredAt ?? (AbsentFrom + times.Grace);

    /// <summary>When its backups were, or will be, deleted; null if they will not be.</summary>
    /// <param name="times">The times in force.</param>
    public DateTimeOffset? BackupsDeletedBy(RemovalTimes times) =>
        BackupsDeletedAt ?? (Spec is { Backup.AutoDelete: true } ? UnregisteredBy(times) + times.BackupsGrace : null);
}

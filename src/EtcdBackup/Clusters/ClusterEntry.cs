namespace EtcdBackup.Clusters;

/// <summary>What a <see cref="ClusterRegister"/> knows of one cluster.</summary>
/// <param name="key">Which.</param>
/// <param name="source">Who asked for it.</param>
internal sealed class ClusterEntry(ClusterKey key, string source)
{
    /// <summary>Which cluster.</summary>
    public ClusterKey Key { get; } = key;

    /// <summary>Who asked for it.</summary>
    public string Source { get; internal set; } = source;

    /// <summary>How far it is on its way out.</summary>
    public ClusterStage Stage { get; set; }

    /// <summary>When a source last named it, as far as this register was there.</summary>
    public DateTimeOffset? NamedAt { get; internal set; }

    /// <summary>When the newest file that ever named it was written: no older one tells that it is named no more. The least when that is
    /// not known, or its source is no file.</summary>
    public DateTimeOffset NamedIn { get; set; }

    /// <summary>When it was first missed; null while it is named.</summary>
    public DateTimeOffset? MissingSince { get; set; }

    /// <summary>When it was unregistered.</summary>
    public DateTimeOffset? UnregisteredAt { get; set; }

    /// <summary>When its backups were deleted.</summary>
    public DateTimeOffset? BackupsDeletedAt { get; set; }

    /// <summary>The spec in force, or the last one it had; null when it is not known, as after a restart before anybody named the
    /// cluster.</summary>
    public ClusterSpec? Spec { get; set; }

    /// <summary>Since when, without a break, living reporters lack it and none names it. Not kept over a restart: what was seen before
    /// says nothing of now.</summary>
    internal DateTimeOffset? AbsentFrom { get; set; }

    /// <summary>It is being unregistered.</summary>
    internal bool IsLeaving { get; set; }

    /// <summary>The spec that has to outlive a restart: nobody else would know where the backups to delete are.</summary>
    public ClusterSpec? KeptSpec => (IsLeaving || Stage == ClusterStage.Departed) && Spec is { Backup.AutoDelete: true } ? Spec : null;

    /// <summary>The spec that the grain was told last; null when it has to be told.</summary>
    internal ClusterSpec? Applied { get; set; }

    /// <summary>When the grain is told again.</summary>
    internal DateTimeOffset ApplyAgainAt { get; set; }

    /// <summary>A new cluster's first backup begins within this time.</summary>
    internal TimeSpan Within { get; set; }

    /// <summary>How often in a row what was to be done failed.</summary>
    internal int Failures { get; set; }

    /// <summary>When it is tried again.</summary>
    internal DateTimeOffset TryAgainAt { get; set; }

    /// <summary>When it was, or will be, unregistered; null while that is not on its way.</summary>
    /// <param name="times">The times in force.</param>
    public DateTimeOffset? UnregisteredBy(RemovalTimes times) => UnregisteredAt ?? (AbsentFrom + times.Grace);

    /// <summary>When its backups were, or will be, deleted; null while that is not on its way.</summary>
    /// <param name="times">The times in force.</param>
    public DateTimeOffset? BackupsDeletedBy(RemovalTimes times) =>
        BackupsDeletedAt ?? (Spec is { Backup.AutoDelete: true } ? UnregisteredBy(times) + times.BackupsGrace : null);
}

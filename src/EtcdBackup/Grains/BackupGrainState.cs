using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>
/// What a cluster's grain saves: the spec, the last look at the cluster, and the results of its runs. Only the store says which backups
/// exist, and which is the latest.
/// </summary>
internal sealed record BackupGrainState
{
    /// <summary>The shape that this build writes.</summary>
    public const int CurrentFormat = 1;

    private const int OutcomesKept = 10;

    /// <summary>Version of this shape.</summary>
    public int Format { get; set; } = CurrentFormat;

    /// <summary>The spec; null when the cluster is not registered.</summary>
    public ClusterSpec? Spec { get; set; }

    /// <summary>The source that owns the cluster.</summary>
    public string Source { get; set; } = "";

    /// <summary>The highest position that a check has seen in <see cref="Lineage"/>.</summary>
    public ClusterPosition? Position { get; set; }

    /// <summary>The lineage at the last look.</summary>
    public Lineage? Lineage { get; set; }

    /// <summary>When the next backup is due, UTC.</summary>
    public DateTimeOffset? NextDue { get; set; }

    /// <summary>The last success, UTC.</summary>
    public DateTimeOffset? LastSuccess { get; set; }

    /// <summary>Failed runs since the last success.</summary>
    public int FailuresInRow { get; set; }

    /// <summary>The last runs, newest first.</summary>
    public List<RunOutcome> Outcomes { get; set; } = [];

    /// <summary>The last look; null when there was none.</summary>
    internal ClusterLook? Look => Position is { } position && Lineage is { } lineage ? new ClusterLook(position, lineage) : null;

    /// <summary>
    /// Why the state is left alone; null if it is not. This build would lose what it does not know in the state of a newer one.
    /// </summary>
    internal string? Refusal(ClusterKey key) => Format > CurrentFormat
        ? $"the state of {key} has format {Format}, written by a newer build, and this one knows up to {CurrentFormat}: end the " +
            "upgrade, or restore the state store"
        : null;

    /// <summary>Merges the states of two activations; neither is wrong.</summary>
    internal static BackupGrainState Merge(BackupGrainState mine, BackupGrainState theirs)
    {
        var merged = theirs with
        {
            NextDue = mine.NextDue,
            FailuresInRow = mine.FailuresInRow,
            LastSuccess = new[] { mine.LastSuccess, theirs.LastSuccess }.Max(),
            Outcomes = [.. mine.Outcomes.Concat(theirs.Outcomes).DistinctBy(o => o.StartedAt).OrderByDescending(o => o.StartedAt)
                .Take(OutcomesKept)],
        };
        if (mine.Look is { } look)
        {
            merged.Remember(look);
        }

        return merged;
    }

    /// <summary>Remembers a look at the cluster: the highest position of the newest lineage.</summary>
    internal void Remember(ClusterLook look)
    {
        var known = ClusterHistory.Of(Look, []);
        if (known.Lineage is not { } lineage || look.Lineage.Incarnation > lineage.Incarnation)
        {
            (Position, Lineage) = (look.Position, look.Lineage);
        }
        else if (look.Lineage.Incarnation == lineage.Incarnation && look.Position.ClusterId == Position!.ClusterId)
        {
            (Position, Lineage) = (Position.Highest(look.Position), look.Lineage);
        }
    }

    /// <summary>Adds a run to the history.</summary>
    internal void Record(RunOutcome outcome)
    {
        Outcomes.Insert(0, outcome);
        if (Outcomes.Count > OutcomesKept)
        {
            Outcomes.RemoveRange(OutcomesKept, Outcomes.Count - OutcomesKept);
        }
    }
}

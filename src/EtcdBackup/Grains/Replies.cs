using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>The answer to "back up now".</summary>
/// <param name="Outcome">How the run ended.</param>
/// <param name="Backup">The backup that stands, when it succeeded or was not needed.</param>
public sealed record BackupNowReply(RunOutcome Outcome, BackupEntry? Backup);

/// <summary>Where a cluster is.</summary>
/// <param name="Silo">The silo's address, as Orleans writes it.</param>
/// <param name="Running">Whether a backup runs; it moves afterwards by itself.</param>
public sealed record Whereabouts(string Silo, bool Running);

/// <summary>A backup that is running.</summary>
/// <param name="StartedAt">UTC.</param>
/// <param name="Stage">listing, probing, verifying, waiting, streaming, proving, committing.</param>
/// <param name="Bytes">Bytes of the snapshot so far.</param>
/// <param name="ExpectedBytes">Bytes of the member's database; 0 until known.</param>
public sealed record RunningBackup(DateTimeOffset StartedAt, string Stage, long Bytes, long ExpectedBytes);

/// <summary>How one cluster's backups stand, as far as its grain remembers.</summary>
public sealed record ClusterSummary
{
    /// <summary>Which cluster.</summary>
    public required ClusterKey Key { get; init; }

    /// <summary>False when no such cluster is registered.</summary>
    public required bool Registered { get; init; }

    /// <summary>The silo that serves it.</summary>
    public required string Silo { get; init; }

    /// <summary>When the next backup is due, UTC.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>The end of the last run that succeeded or found nothing new, UTC.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Failed runs since then.</summary>
    public int FailuresInRow { get; init; }

    /// <summary>The last run.</summary>
    public RunOutcome? LastOutcome { get; init; }

    /// <summary>The run in flight.</summary>
    public RunningBackup? Running { get; init; }

    /// <summary>The spec in force.</summary>
    public ClusterSpec? Spec { get; init; }
}

/// <summary>What a store holds of one cluster.</summary>
/// <param name="Count">How many backups.</param>
/// <param name="Bytes">Their size in the store.</param>
/// <param name="Latest">What is served; null when there is nothing.</param>
/// <param name="Damaged">Those that were found damaged.</param>
/// <param name="ListedAt">When the store was last listed, UTC.</param>
public sealed record StoredSummary(int Count, long Bytes, BackupEntry? Latest, IReadOnlyList<BackupEntry> Damaged, DateTimeOffset ListedAt);

/// <summary>How one cluster's backups stand, with what its store holds.</summary>
/// <param name="Summary">What the grain remembers.</param>
/// <param name="Outcomes">The last ten runs, newest first.</param>
/// <param name="Stored">What the store held when it was last seen.</param>
/// <param name="StoreProblem">Why the store cannot be listed now; null when it can.</param>
public sealed record ClusterStatus(ClusterSummary Summary, IReadOnlyList<RunOutcome> Outcomes, StoredSummary Stored, string? StoreProblem);

/// <summary>Which backup is asked for: by name, else by version and revision, else the latest.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of the cluster that it was taken from.</param>
/// <param name="Revision">The revision in it.</param>
public sealed record BackupQuestion(BackupName? Name = null, EtcdVersion? Version = null, long? Revision = null)
{
    /// <summary>Finds it.</summary>
    internal BackupEntry? Find(Upkeep.StoredView view) => this switch
    {
        { Name: { } name } => view.Find(name),
        { Version: { } version, Revision: { } revision } => BackupOrder.At(view.Entries, version, revision),
        _ => view.Latest,
    };
}

/// <summary>A backup that was found, and the spec that says where it is.</summary>
/// <param name="Spec">The cluster's spec; null when it is not registered.</param>
/// <param name="Backup">The backup; null when there is no such one.</param>
public sealed record FoundBackup(ClusterSpec? Spec, BackupEntry? Backup);

/// <summary>Some of the backups, newest first.</summary>
/// <param name="Entries">These.</param>
/// <param name="Total">How many there are in all.</param>
public sealed record BackupSlice(IReadOnlyList<BackupEntry> Entries, int Total);

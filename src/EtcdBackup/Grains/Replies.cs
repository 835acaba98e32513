using System.Text.Json.Serialization;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>How a run ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunResult>))]
public enum RunResult
{
    /// <summary>A new backup is in the store.</summary>
    Succeeded,

    /// <summary>Nothing changed since the last backup: it stands.</summary>
    Unchanged,

    /// <summary>No member of the etcd cluster gave a snapshot.</summary>
    EtcdFailed,

    /// <summary>The snapshots that came were damaged.</summary>
    SnapshotCorrupt,

    /// <summary>The store has no room.</summary>
    StoreFull,

    /// <summary>The store failed otherwise.</summary>
    StoreFailed,

    /// <summary>The silo is stopping, or the cluster was removed, before the backup was done.</summary>
    Stopped,

    /// <summary>A fault of our own; the log has it.</summary>
    Failed,

    /// <summary>No such cluster is registered.</summary>
    NotRegistered,
}

/// <summary>One run, for the history.</summary>
/// <param name="StartedAt">UTC.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Message">What went wrong, in one sentence; null when nothing did.</param>
/// <param name="Backup">The backup that stands after it.</param>
public sealed record RunOutcome(DateTimeOffset StartedAt, double Seconds, RunResult Result, string? Message, BackupName? Backup);

/// <summary>How the deletion of a backup came out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeleteResult>))]
public enum DeleteResult
{
    /// <summary>It is gone.</summary>
    Deleted,

    /// <summary>There is no such backup.</summary>
    NotFound,

    /// <summary>It is the last sound one, and nobody forced it.</summary>
    LastSound,
}

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
/// <param name="Stage">probing, waiting, streaming, proving, committing.</param>
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

/// <summary>How one cluster's backups stand, with what its store holds.</summary>
/// <param name="Summary">What the grain remembers.</param>
/// <param name="Outcomes">The last ten runs, newest first.</param>
/// <param name="Backups">All backups in the store, newest first.</param>
public sealed record ClusterStatus(ClusterSummary Summary, IReadOnlyList<RunOutcome> Outcomes, IReadOnlyList<BackupEntry> Backups);

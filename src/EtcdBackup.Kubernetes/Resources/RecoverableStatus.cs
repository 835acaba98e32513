using EtcdBackup.ChangeLog;

namespace EtcdBackup.Kubernetes.Resources;

/// <summary>
/// What a change log makes recoverable, when the status was written. It moves on with each change of the cluster, and that alone is no
/// reason to write a status.
/// </summary>
/// <param name="From">From this revision on every one can be brought back.</param>
/// <param name="To">The last that can.</param>
/// <param name="BehindInRevisions">How many revisions the cluster had that were not stored.</param>
/// <param name="BehindInSecond">How long ago the log had all that the cluster has; 0 if it never said so.</param>
/// <param name="Message">That the log goes on, or why it does not: never empty, or Kubernetes 1.20 would write null.</param>
internal sealed record RecoverableStatus(
    RecoverablePoint? From, RecoverablePoint? To, long BehindInRevisions, long BehindInSecond, string Message)
{
    /// <summary>Makes it.</summary>
    /// <param name="log">How far the log is; null if there is none.</param>
    /// <param name="before">What the status said before: a field that was written once is written again.</param>
    /// <param name="now">The time, UTC.</param>
    public static RecoverableStatus? Of(LogState? log, RecoverableStatus? before, DateTimeOffset now) => log is null
        ? before is null ? null : before with { Message = "no change log is written" }
        : new RecoverableStatus(
            log.Window is { } window ? new RecoverablePoint(window.From, window.FromAt) : before?.From,
            log.Window is { } same ? new RecoverablePoint(same.To, same.ToAt) : before?.To,
            log.Stream is null ? 0 : Math.Max(0, log.Cluster - log.Stored),
            log.CurrentAt is { } at && at < now ? (long)(now - at).TotalSeconds : 0,
            log.Problem ?? "the change log goes on");

    /// <summary>Without what moves on by itself.</summary>
    public RecoverableStatus Still() => this with { To = null, BehindInRevisions = 0, BehindInSecond = 0 };
}

/// <summary>A revision, and when the cluster was at it.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Time">When the cluster was at it, UTC.</param>
internal sealed record RecoverablePoint(long Revision, DateTimeOffset Time);

using EtcdBackup.ChangeLog;

namespace EtcdBackup.Host.Api;

/// <summary>What of a cluster can be brought back.</summary>
/// <param name="Windows">Every revision from the first to the last of each, newest first.</param>
/// <param name="Log">How far its change log is; absent if none is written.</param>
internal sealed record Recoverable(IReadOnlyList<RecoverableWindow> Windows, LogLine? Log)
{
    public static Recoverable Of(IReadOnlyList<RecoveryWindow> windows, LogState? log)
    {
        var lines = windows.Select(RecoverableWindow.Of).ToList();
        if (log is { Stream: not null, Waiting: 0, Problem: null } && lines is [var newest, ..] && newest.To.Revision == log.Stored)
        {
            // What came and is not stored yet is stored when somebody asks for it. The cluster may have said before the last change that
            // it had no more.
            var knownAt = log.CurrentAt > newest.To.Time ? log.CurrentAt.Value : newest.To.Time;
            lines[0] = newest with { To = new RecoverablePoint(log.Received, knownAt) };
        }

        return new Recoverable(lines, log is null ? null : LogLine.Of(log));
    }
}

/// <summary>Revisions of one lineage, every one of which can be brought back.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The last.</param>
/// <param name="Incarnation">The number of the lineage, counted from 1; 0 if unknown.</param>
/// <param name="ClusterId">etcd's cluster id, 16 hex digits; absent if unknown.</param>
internal sealed record RecoverableWindow(RecoverablePoint From, RecoverablePoint To, int Incarnation, string? ClusterId)
{
    public static RecoverableWindow Of(RecoveryWindow window) => new(
        new RecoverablePoint(window.From, window.FromAt),
        new RecoverablePoint(window.To, window.ToAt), window.Lineage?.Incarnation ?? 0, window.Lineage?.ClusterId);
}

/// <summary>A revision, and when the cluster was at it.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Time">When the cluster was at it, UTC.</param>
internal sealed record RecoverablePoint(long Revision, DateTimeOffset Time);

/// <summary>How far a change log is.</summary>
/// <param name="Received">The last revision that came.</param>
/// <param name="Stored">The last revision that is in the store.</param>
/// <param name="BehindInRevisions">How many revisions the cluster was ahead of it when it last said so.</param>
/// <param name="CurrentAt">When the cluster had nothing beyond it, UTC; absent before it said so.</param>
/// <param name="Problem">Why it does not go on; absent if it does.</param>
internal sealed record LogLine(long Received, long Stored, long BehindInRevisions, DateTimeOffset? CurrentAt, string? Problem)
{
    public static LogLine Of(LogState log) => new(
        log.Received, log.Stored, log.Cluster - log.Received, log.CurrentAt, log.Problem);
}

using EtcdBackup.Catalog;
using EtcdBackup.Etcd;
using EtcdBackup.Grains;
using EtcdBackup.Retention;

namespace EtcdBackup.Host.Api;

/// <summary>The <c>ServiceStatus</c> of the old backup sidecar (first three fields), and more fields for operators.</summary>
/// <param name="RecentBackup">The latest backup of the cluster's current history; absent when there is none.</param>
/// <param name="Backups">How many backups are in the store.</param>
/// <param name="BackupSize">Their size in MB (1 048 576 bytes), three decimals.</param>
/// <param name="Namespace">The cluster's namespace.</param>
/// <param name="Name">The cluster's name.</param>
/// <param name="NextDue">When the next backup is due, UTC.</param>
/// <param name="LastSuccess">When a backup last succeeded or was found to be up to date, UTC.</param>
/// <param name="FailuresInRow">Failed runs since then.</param>
/// <param name="Running">The backup that runs now; absent when none does.</param>
/// <param name="LastRuns">The last ten runs, newest first.</param>
/// <param name="Silo">The silo that serves the cluster.</param>
/// <param name="MembersDiffer">The result of the latest backup's comparison if some member had other data; absent if none had.</param>
/// <param name="Damaged">Stored backups that were found damaged when they were read back, or have another size than recorded; absent if
/// there are none.</param>
/// <param name="StoreProblem">Why the store cannot be listed now; the answer then shows what was seen at <paramref name="ListedAt"/>.
/// Absent if it can.</param>
/// <param name="ListedAt">When the store was last listed, UTC.</param>
/// <param name="Members">The etcd members, as they answered the last check; absent until this silo made one.</param>
/// <param name="Warnings">What a person should know of the members though backups go on: alarms, a member that does not answer, a database
/// near its quota. Absent if there is nothing.</param>
internal sealed record ServiceStatus(
    BackupStatus? RecentBackup,
    int Backups,
    double BackupSize,
    string Namespace,
    string Name,
    DateTimeOffset? NextDue,
    DateTimeOffset? LastSuccess,
    int FailuresInRow,
    RunningBackup? Running,
    IReadOnlyList<RunOutcome> LastRuns,
    string Silo,
    string? MembersDiffer,
    IReadOnlyList<string>? Damaged,
    string? StoreProblem,
    DateTimeOffset ListedAt,
    IReadOnlyList<MemberLine>? Members,
    IReadOnlyList<string>? Warnings)
{
    public static ServiceStatus Of(ClusterStatus status)
    {
        var (summary, stored) = (status.Summary, status.Stored);
        var warnings = MemberWarnings.Of(status.Members);
        return new ServiceStatus(
            stored.Latest is { } latest ? BackupStatus.Of(latest) : null,
            stored.Count,
            BackupStatus.Megabytes(stored.Bytes),
            summary.Key.Namespace,
            summary.Key.Name,
            summary.NextDue,
            summary.LastSuccess,
            summary.FailuresInRow,
            summary.Running,
            status.Outcomes,
            summary.Silo,
            stored.Latest?.Metadata?.Proof is { MembersDiffer: true } proof ? proof.Detail : null,
            stored.Damaged.Count == 0 ? null : [.. stored.Damaged.Select(b => $"{b.Name}: {b.Problem}")],
            status.StoreProblem,
            stored.ListedAt,
            status.Members.Count == 0 ? null : [.. status.Members.Select(MemberLine.Of)],
            warnings.Count == 0 ? null : warnings);
    }
}

/// <summary>One member of the etcd cluster.</summary>
/// <param name="Address">Its host and port, or the path of its socket.</param>
/// <param name="Role"><c>leader</c>, <c>follower</c> or <c>learner</c>; absent if it did not answer.</param>
/// <param name="Version">Its version.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="DbSize">The size of its database in MB.</param>
/// <param name="Quota">The most that its database may have, in MB; absent before etcd 3.6, which does not tell.</param>
/// <param name="Alarms">The alarms that name it; absent if none does.</param>
/// <param name="Problem">Why it could not be asked; absent if it answered.</param>
internal sealed record MemberLine(
    string Address, string? Role, string? Version, long? Revision, double? DbSize, double? Quota, IReadOnlyList<string>? Alarms,
    string? Problem)
{
    public static MemberLine Of(MemberStatus m)
    {
        if (!m.Answered)
        {
            return new MemberLine(m.Address, null, null, null, null, null, null, m.Error);
        }

        var alarms = m.Alarms.Where(a => a.MemberId == m.MemberId).Select(a => a.Kind).ToArray();
        return new MemberLine(
            m.Address, m.IsLearner ? "learner" : m.IsLeader ? "leader" : "follower", m.Version.ToString(), m.Revision,
            BackupStatus.Megabytes(m.DbSize), m.Quota == 0 ? null : BackupStatus.Megabytes(m.Quota),
            alarms.Length == 0 ? null : alarms, null);
    }
}

/// <summary>One stored backup.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="CreationTime">When it was taken, UTC, RFC 3339.</param>
/// <param name="Size">Size in MB (1 048 576 bytes), three decimals.</param>
/// <param name="StoredSize">Size in the store, where it may be compressed, in MB.</param>
/// <param name="Revision">The revision in it.</param>
/// <param name="Version">The etcd version.</param>
/// <param name="Sound">False if reading it back found it damaged, or if it has another size than recorded.</param>
/// <param name="Metadata">Its metadata; absent if there is none.</param>
internal sealed record BackupLine(
    string Name, string CreationTime, double Size, double StoredSize, long Revision, string Version, bool Sound, BackupMetadata? Metadata)
{
    public static BackupLine Of(BackupEntry e) =>
        new(e.Name.ToString(), BackupStatus.Rfc3339(e.CreationTime), BackupStatus.Megabytes(e.Size), BackupStatus.Megabytes(e.StoredSize),
            e.Revision, e.Version.ToString(), e.IsSound, e.Metadata);
}

/// <summary>What the retention rules say of one backup.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="Keep">Whether it stays.</param>
/// <param name="Reason">Why.</param>
internal sealed record RetentionLine(string Name, bool Keep, string Reason)
{
    public static RetentionLine Of(RetentionDecision d) => new(d.Backup.ToString(), d.Keep, d.Reason);
}

/// <summary>A page of stored backups, newest first.</summary>
/// <param name="Items">The backups.</param>
/// <param name="Total">How many there are in all.</param>
/// <param name="Next">Where the next page begins; absent on the last.</param>
internal sealed record BackupPage(IReadOnlyList<BackupLine> Items, int Total, int? Next);

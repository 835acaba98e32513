using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Grains;
using EtcdBackup.Kubernetes.Resources;

namespace EtcdBackup.Kubernetes.Reconciling;

/// <summary>Makes the status of a resource's backups; pure.</summary>
internal static class StatusReport
{
    /// <summary>Makes the status.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="problem">Why its spec is not applied; null if it is.</param>
    /// <param name="cluster">The status of the cluster's backups; null if it is not registered.</param>
    /// <param name="isStoreKnown">Whether its backups could be listed; if not, the earlier report on them is repeated.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="log">How far its change log is; null if none is written.</param>
    public static BackupResourceStatus Of(
        BackedUpResource resource, Problem? problem, ClusterStatus? cluster, bool isStoreKnown, DateTimeOffset now, LogState? log = null)
    {
        var latest = cluster?.Stored.Latest;
        var conditions = new List<Condition>
        {
            problem is null ? Make(Condition.Ready, "True", "Registered", "it is backed up as its spec says")
                : Make(Condition.Ready, "False", problem.Reason, problem.Message),
        };
        conditions.Add(cluster is null ? Make(Condition.BackupSucceeded, "Unknown", "NotRegistered", "it is not backed up")
            : Succeeded(cluster, latest));
        conditions.Add(cluster is null ? Make(Condition.Verified, "Unknown", "NotRegistered", "it is not backed up") : isStoreKnown
            ? Verified(cluster, latest) : Again(Condition.Verified));
        return new BackupResourceStatus
        {
            State = StateOf(problem, conditions),
            Message = (conditions.Find(c => c.Status == "False") ?? conditions[1]).Message,
            ObservedGeneration = resource.Metadata.Generation ?? 0,
            RecentBackup = latest is null ? resource.Status?.RecentBackup : BackupStatus.Of(latest),
            Backups = isStoreKnown ? cluster!.Stored.Count : resource.Status?.Backups ?? 0,
            BackupSize = !isStoreKnown ? resource.Status?.BackupSize ?? 0 : BackupStatus.Megabytes(cluster!.Stored.Bytes),
            Recoverable = RecoverableStatus.Of(log, resource.Status?.Recoverable, now),
            Conditions = conditions,
        };

        Condition Make(string type, string status, string reason, string message)
        {
            var before = resource.Status?.Find(type);
            return new Condition(
                type, status, reason, message, before?.Status == status ? before.LastTransitionTime : now, resource.Metadata.Generation
                ?? 0);
        }

        Condition Again(string type) =>
            resource.Status?.Find(type) ?? Make(type, "Unknown", "NotListed", "the backups cannot be listed just now");

        Condition Succeeded(ClusterStatus c, BackupEntry? backup) => c.Summary.LastOutcome switch
        {
            null => Make(Condition.BackupSucceeded, "Unknown", "NotYet", "the first backup has yet to be taken"),
            { Result: RunResult.Succeeded or RunResult.Unchanged } =>
                Make(Condition.BackupSucceeded, "True", "UpToDate",
                $"{backup?.Name.ToString() ?? "the backup"} holds all that the cluster held when it was last looked at"),
            { Result: RunResult.Stopped } when c.Summary.FailuresInRow == 0 =>
                Make(Condition.BackupSucceeded, backup is null ? "Unknown" : "True", "Interrupted",
                "the last backup was broken off by a shutdown, and is taken again"),
            { } failed => Make(Condition.BackupSucceeded, "False", failed.Result.ToString(), failed.Message ?? "the last backup failed"),
        };

        Condition Verified(ClusterStatus c, BackupEntry? backup)
        {
            var damaged = c.Stored.Damaged.Select(b => $"{b.Name}: {b.Problem}").ToArray();
            return (damaged.Length, backup?.Metadata) switch
            {
                ( > 0, _) => Make(Condition.Verified, "False", "Damaged", string.Join("; ", damaged)),
                (_, { Proof.MembersDiffer: true } m) => Make(Condition.Verified, "False", "MembersDiffer", m.Proof!.Detail),
                (_, { Proof: { Result: ProofResult.Matched } proof }) =>
                    Make(Condition.Verified, "True", proof.Level + "Matched", proof.Detail),
                (_, { Verification.Sound: true }) =>
                    Make(Condition.Verified, "True", "ReadBack", "the stored backup was read back, every byte of it"),
                (_, { Rebuilt: false }) =>
                    Make(Condition.Verified, "True", "FileSound", "the file was read and found sound before it was stored"),
                _ => Make(Condition.Verified, "Unknown", "NotYet", "no backup was read yet"),
            };
        }
    }

    private static string StateOf(Problem? problem, List<Condition> conditions) =>
        problem is { Reason: Problem.Disabled } ? "Disabled"
        : problem is not null ? "Invalid"
        : conditions.Exists(c => c.Status == "False") ? "Failing"
        : conditions.Exists(c => c is { Type: Condition.BackupSucceeded, Status: "True" }) ? "Ready"
        : "Pending";
}

/// <summary>Why a resource's spec is not applied.</summary>
/// <param name="Reason">In one word, as conditions and events have it.</param>
/// <param name="Message">In one sentence, with what to do.</param>
internal sealed record Problem(string Reason, string Message)
{
    public const string Disabled = "BackupDisabled";
    public const string InvalidSpec = "InvalidSpec";
    public const string NameTaken = "NameTaken";
    public const string ServiceConflict = "ServiceConflict";
}

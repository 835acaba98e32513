using System.Text.Json;
using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Kubernetes.Reconciling;
using EtcdBackup.Kubernetes.Resources;

namespace EtcdBackup.Kubernetes.Tests.Reconciling;

public class StatusReportTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly BackedUpResource Resource = BackedUpResource.Of(ResourceKind.Policy, JsonDocument.Parse("""
        { "metadata": { "namespace": "prod", "name": "example", "uid": "u1", "generation": 3 }, "spec": { "backup": {} } }
        """).RootElement);

    [Fact]
    public void One_that_is_not_registered_is_pending_and_nothing_is_known()
    {
        var status = StatusReport.Of(Resource, null, null, isStoreKnown: false, Now);
        Assert.Equal(("Pending", 3L, 0), (status.State, status.ObservedGeneration, status.Backups));
        Assert.Equal(["Ready True Registered", "BackupSucceeded Unknown NotRegistered", "Verified Unknown NotRegistered"], Said(status));
    }

    [Theory]
    [InlineData(Problem.Disabled, "Disabled")]
    [InlineData(Problem.InvalidSpec, "Invalid")]
    [InlineData(Problem.NameTaken, "Invalid")]
    public void A_problem_of_the_resource_comes_first(string reason, string state)
    {
        var status = StatusReport.Of(Resource, new Problem(reason, "do this"), null, isStoreKnown: false, Now);
        Assert.Equal((state, "do this"), (status.State, status.Message));
        Assert.Equal($"Ready False {reason}", Said(status)[0]);
    }

    [Theory]
    [InlineData(null, 0, true, "BackupSucceeded Unknown NotYet", "Pending")]
    [InlineData("Succeeded", 0, true, "BackupSucceeded True UpToDate", "Ready")]
    [InlineData("Unchanged", 0, true, "BackupSucceeded True UpToDate", "Ready")]
    [InlineData("Stopped", 0, true, "BackupSucceeded True Interrupted", "Ready")]
    [InlineData("Stopped", 0, false, "BackupSucceeded Unknown Interrupted", "Pending")]
    [InlineData("Stopped", 1, true, "BackupSucceeded False Stopped", "Failing")]
    [InlineData("EtcdFailed", 1, true, "BackupSucceeded False EtcdFailed", "Failing")]
    [InlineData("StoreFull", 2, true, "BackupSucceeded False StoreFull", "Failing")]
    public void The_last_run_tells_whether_backups_succeed(string? result, int failures, bool hasBackup, string said, string state)
    {
        var outcome = result is null ? null : new RunOutcome(Now, 1, Enum.Parse<RunResult>(result), "why", null);
        var status = StatusReport.Of(Resource, null, Status(hasBackup ? Backup() : null, outcome, failures), isStoreKnown: true, Now);
        Assert.Equal((said, state), (Said(status)[1], status.State));
    }

    [Fact]
    public void What_was_read_back_says_more_than_what_was_only_stored()
    {
        Assert.Equal("Verified True FileSound", Verified(m => m));
        Assert.Equal("Verified True ReadBack", Verified(m => m with { Verification = new Verification(Now, true, null) }));
        Assert.Equal("Verified True HashKVMatched", Verified(
            m => m with { Proof = new LiveProof(ProofLevel.HashKV, ProofResult.Matched, "equal") }));
        Assert.Equal("Verified False MembersDiffer", Verified(
            m => m with { Proof = new LiveProof(ProofLevel.HashKV, ProofResult.Matched, "m2 differs", MembersDiffer: true) }));
        Assert.Equal("Verified True FileSound", Verified(
            m => m with { Proof = new LiveProof(ProofLevel.HashKV, ProofResult.NotComparable, "compacted") }));
        Assert.Equal("Verified Unknown NotYet", Verified(m => m with { Rebuilt = true }));
    }

    [Fact]
    public void A_damaged_backup_is_named_whatever_the_latest_is_like()
    {
        var damaged = Backup(m => m with { Verification = new Verification(Now, false, "a page is torn") });
        var status = StatusReport.Of(
            Resource, null, Status(Backup(), Good, 0) with { Stored = Stored(Backup(), damaged) }, isStoreKnown: true, Now);
        Assert.Equal(("Verified False Damaged", "Failing"), (Said(status)[2], status.State));
        Assert.Contains("a page is torn", status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void While_the_store_cannot_be_listed_what_was_said_of_it_is_said_again()
    {
        var before = StatusReport.Of(Resource, null, Status(Backup(), Good, 0), isStoreKnown: true, Now);
        var status = StatusReport.Of(
            Resource with { Status = before }, null, Status(null, Good, 0), isStoreKnown: false, Now.AddHours(1));
        Assert.Equal((before.Backups, before.BackupSize, before.RecentBackup), (status.Backups, status.BackupSize, status.RecentBackup));
        Assert.Equal(before.Find("Verified"), status.Find("Verified"));
        Assert.Equal("Verified Unknown NotListed", Said(StatusReport.Of(
            Resource, null, Status(null, Good, 0), isStoreKnown: false, Now))[2]);
    }

    [Fact]
    public void A_condition_keeps_its_time_while_it_does_not_change()
    {
        var before = StatusReport.Of(Resource, null, Status(Backup(), Good, 0), isStoreKnown: true, Now);
        var later = StatusReport.Of(
            Resource with { Status = before }, null, Status(Backup(), Bad, 1), isStoreKnown: true, Now.AddHours(1));
        Assert.Equal([Now, Now.AddHours(1), Now], later.Conditions.Select(c => c.LastTransitionTime));
    }

    [Fact]
    public void A_change_log_tells_what_it_makes_recoverable_and_what_was_written_once_stays()
    {
        var window = new RecoveryWindow(null, 5, Now.AddHours(-3), 20, Now.AddMinutes(-1));
        var log = new LogState("s", 22, 20, 25, Now.AddSeconds(-90), null) { Window = window };
        var status = Of(null, log);
        Assert.Equal(
            new RecoverableStatus(
                new RecoverablePoint(5, Now.AddHours(-3)), new RecoverablePoint(20, Now.AddMinutes(-1)), 5, 90, "the change log goes on"),
            status.Recoverable);

        // A log that begins anew has looked at nothing yet.
        var anew = Of(status, new LogState(null, 0, 0, 0, null, "compacted"));
        Assert.Equal(status.Recoverable! with { BehindInRevisions = 0, BehindInSecond = 0, Message = "compacted" }, anew.Recoverable);
        Assert.Equal("no change log is written", Of(status, null).Recoverable!.Message);
        Assert.Null(Of(null, null).Recoverable);

        // That it moves on is no reason to write; that it waits, or reaches back less far, is.
        Assert.True(Of(null, log with { Received = 30, Window = window with { To = 30 } }).SaysTheSame(status));
        Assert.False(Of(null, log with { Problem = "away" }).SaysTheSame(status));
        Assert.False(Of(null, log with { Window = window with { From = 6 } }).SaysTheSame(status));

        static BackupResourceStatus Of(BackupResourceStatus? before, LogState? log) => StatusReport.Of(
            Resource with { Status = before }, null, Status(Backup(), Good, 0), isStoreKnown: true, Now, log);
    }

    private static RunOutcome Good => new(Now, 1, RunResult.Succeeded, null, null);

    private static RunOutcome Bad => new(Now, 1, RunResult.StoreFailed, "refused", null);

    private static string Verified(Func<BackupMetadata, BackupMetadata> change) => Said(StatusReport.Of(
        Resource, null, Status(Backup(change), Good, 0), isStoreKnown: true, Now))[2];

    private static string[] Said(BackupResourceStatus status) => [.. status.Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason}")];

    private static ClusterStatus Status(BackupEntry? latest, RunOutcome? outcome, int failures) => new(
        new ClusterSummary
        {
            Key = new ClusterKey("prod", "example"),
            Registered = true,
            Silo = "here",
            LastOutcome = outcome,
            FailuresInRow = failures,
        },
        [], Stored(latest), null);

    private static StoredSummary Stored(BackupEntry? latest, params BackupEntry[] damaged) =>
        new(latest is null ? 0 : 1, 1_048_576, latest, damaged, Now);

    private static BackupEntry Backup(Func<BackupMetadata, BackupMetadata>? change = null)
    {
        var name = BackupName.Parse("3.5.30_0000000000000006_etcd.backup");
        var metadata = new BackupMetadata
        {
            Name = name,
            CreationTime = Now,
            Size = 1,
            Sha256 = "",
            ObjectTag = "t",
            Version = name.Version,
            Revision = 6,
            Position = new ClusterPosition("c", 6, 1, 1),
            Lineage = new Lineage("c", 1, ""),
            Member = "m0",
        };
        return new BackupEntry
        {
            Name = name,
            StoredSize = 1,
            StoredAt = Now,
            ObjectTag = "t",
            Metadata = change?.Invoke(metadata) ?? metadata,
        };
    }
}

using EtcdBackup.Catalog;
using EtcdBackup.Grains;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>What is told when.</summary>
public class ProblemBookTests
{
    private readonly Dictionary<string, List<OpenProblem>> _open = [];

    private ProblemBook Book => new(_open, Facts.Rules);

    [Fact]
    public void Failures_are_told_once_there_were_so_many_and_not_again_until_it_recovered()
    {
        Assert.Empty(Told(Facts.Failed(2)));
        var failed = Assert.Single(Told(Facts.Failed(3)));
        Assert.Equal(
            (EventKind.Failed, "default/example/failed/20261130T120000.000Z/1", Facts.Begin.AddMinutes(1)),
            (failed.Event, failed.Id, failed.Problem.Since));
        Assert.Contains("failed 3 times in a row", failed.Message, StringComparison.Ordinal);
        Assert.Contains("EtcdFailed): no member answers", failed.Message, StringComparison.Ordinal);
        Assert.Empty(Told(Facts.Failed(4)));
        Assert.Empty(Told(Facts.Failed(5), minutes: 60));

        var recovered = Assert.Single(Told(Success(minutes: 61), minutes: 61));
        Assert.Equal((EventKind.Recovered, failed.Problem.Id + "/over"), (recovered.Event, recovered.Id));
        Assert.Equal(EventKind.Failed, recovered.Problem.Kind);
        Assert.Empty(Told(Success(minutes: 61), minutes: 62));
        Assert.Empty(_open);

        // The next time is another problem.
        var again = Assert.Single(Told(Success(minutes: 61) with { FailuresInRow = 3, LastRun = Facts.Failed(3).LastRun }, minutes: 70));
        Assert.NotEqual(failed.Id, again.Id);
    }

    [Fact]
    public void A_problem_that_lasts_is_told_again_after_its_time()
    {
        var first = Assert.Single(Told(Facts.Failed(3)));
        Assert.DoesNotContain(Told(Facts.Failed(90), minutes: (24 * 60) + 4), n => n.Event == EventKind.Failed);
        var second = Assert.Single(Told(Facts.Failed(91), minutes: (24 * 60) + 5), n => n.Event == EventKind.Failed);
        Assert.Equal((first.Problem.Id, first.Problem.Id + "/2", true), (second.Problem.Id, second.Id, second.IsRepeat));
        Assert.Contains("91 times", second.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Told(Facts.Failed(91), minutes: (48 * 60) + 4), n => n.Event == EventKind.Failed);
        Assert.Contains(Told(Facts.Failed(91), minutes: (48 * 60) + 5), n => n.Id == first.Problem.Id + "/3");
    }

    [Fact]
    public void A_store_that_rots_altogether_is_told_by_some_and_silences_no_other_problem()
    {
        var rotten = Enumerable.Range(0, 30).Select(i => Facts.Found(EventKind.Damaged, $"backup{i:00}")).ToArray();
        var told = Told(Facts.Failed(3) with { Stored = new StoreFindings(rotten, [], [Facts.Found(EventKind.Alarm, "NOSPACE 1")]) });
        Assert.Equal(20, told.Count(n => n.Event == EventKind.Damaged));
        told = Told(Facts.Failed(4) with { Stored = new StoreFindings(rotten, [Facts.Found(EventKind.MembersDiffer)], null) });
        Assert.Equal([EventKind.MembersDiffer], told.Select(n => n.Event));
        Assert.Contains(_open.Values.Single(), o => o.Kind == EventKind.Failed);
    }

    [Fact]
    public void With_no_time_set_it_is_never_told_again()
    {
        var book = new ProblemBook(_open, Facts.Rules with { RepeatEvery = TimeSpan.Zero });
        Assert.Single(book.Take(Facts.Failed(3), Facts.Begin));
        Assert.DoesNotContain(book.Take(Facts.Failed(3), Facts.Begin.AddDays(400)), n => n.Event == EventKind.Failed);
    }

    [Fact]
    public void Found_anew_after_all_was_lost_it_has_the_same_id()
    {
        var before = Assert.Single(Told(Facts.Failed(3)));
        _open.Clear();

        // By then the first failures are forgotten.
        var after = Assert.Single(Told(Facts.Failed(40) with { FirstFailure = null }, minutes: 40));
        Assert.Equal(before.Id, after.Id);
    }

    [Fact]
    public void No_success_for_so_many_intervals_is_stale_and_a_success_ends_it()
    {
        Assert.Empty(Told(Facts.Well, minutes: 90));
        var stale = Assert.Single(Told(Facts.Well, minutes: 90, seconds: 1));
        Assert.Equal((EventKind.Stale, Facts.Begin), (stale.Event, stale.Problem.Since));
        Assert.Empty(Told(Facts.Well, minutes: 300));
        Assert.Equal(EventKind.Recovered, Assert.Single(Told(Success(minutes: 301), minutes: 301)).Event);
    }

    [Fact]
    public void A_cluster_that_never_had_a_backup_is_stale_too_and_says_so()
    {
        var never = Facts.Well with { LastSuccess = null, LastRun = null };
        Assert.Empty(Told(never, minutes: 90));
        Assert.Contains("it never had one", Assert.Single(Told(never, minutes: 91)).Message, StringComparison.Ordinal);
    }

    // A grain whose state was lost knows no failures and no success, and for a moment no spec.
    [Fact]
    public void A_grain_that_lost_its_state_ends_nothing()
    {
        Told(Facts.Failed(3), minutes: 91);
        Assert.Equal(2, Assert.Single(_open).Value.Count);
        var lost = Facts.Well with { LastSuccess = null, LastRun = null, FirstDue = Facts.Begin.AddMinutes(92) };
        Assert.Empty(Told(lost, minutes: 92));
        Assert.Empty(Told(lost with { Interval = null }, minutes: 93));

        // A success from before the failure, of an old state, does not count either.
        Assert.Empty(Told(Facts.Well with { FailuresInRow = 0 }, minutes: 94));
        Assert.Equal(2, Told(Success(minutes: 95), minutes: 95).Count);
    }

    [Fact]
    public void Damage_differing_members_and_alarms_are_each_told_once_and_end_when_they_are_gone()
    {
        var bad = new StoreFindings(
            [Facts.Found(EventKind.Damaged, "a.backup"), Facts.Found(EventKind.Damaged, "b.backup")],
            [Facts.Found(EventKind.MembersDiffer)],
            [Facts.Found(EventKind.Alarm, "CORRUPT 1f")]);
        var told = Told(Facts.Well with { Stored = bad });
        Assert.Equal([EventKind.Damaged, EventKind.Damaged, EventKind.MembersDiffer, EventKind.Alarm], told.Select(n => n.Event));
        Assert.Equal(4, told.Select(n => n.Id).Distinct().Count());
        Assert.Empty(Told(Facts.Well with { Stored = bad }));

        // What is not known now stays as it was.
        Assert.Empty(Told(Facts.Well));
        Assert.Empty(Told(Facts.Well with { Stored = new StoreFindings(null, null, null) }));
        var over = Told(Facts.Well with { Stored = new StoreFindings([bad.Damaged![1]], [], null) });
        Assert.Equal(["a.backup", ""], over.Select(n => n.Problem.Subject));
        Assert.All(over, n => Assert.True(n.IsEnd));
        Assert.Equal(2, Told(Facts.Well with { Stored = new StoreFindings([], [], []) }).Count);
        Assert.Empty(_open);
    }

    [Fact]
    public void A_store_that_rots_altogether_is_told_by_some_of_its_backups()
    {
        var rotten = Enumerable.Range(0, 500).Select(i => Facts.Found(EventKind.Damaged, $"{i:d3}.backup")).ToArray();
        Assert.Equal(20, Told(Facts.Well with { Stored = new StoreFindings(rotten, null, null) }).Count);
        Assert.Empty(Told(Facts.Well with { Stored = new StoreFindings(rotten, null, null) }));
    }

    [Fact]
    public void A_cluster_that_is_no_longer_backed_up_has_no_problems_left()
    {
        Told(Facts.Failed(3));
        var end = Assert.Single(Book.Forget(Facts.Well.Cluster, Facts.Begin));
        Assert.Equal((EventKind.Recovered, EventKind.Failed), (end.Event, end.Problem.Kind));
        Assert.Contains("no longer backed up", end.Message, StringComparison.Ordinal);
        Assert.Empty(_open);
    }

    [Fact]
    public void A_run_that_was_stopped_is_no_first_failure()
    {
        var key = Facts.Well.Cluster;
        RunOutcome[] runs =
        [
            .. new[]
            {
                RunResult.Stopped, RunResult.EtcdFailed, RunResult.StoreFailed, RunResult.Stopped, RunResult.Unchanged, RunResult.Failed,
            }
                .Select((r, i) => new RunOutcome(Facts.Begin.AddMinutes(-i), 1, r, null, null)),
        ];
        var summary = new ClusterSummary { Key = key, Registered = true, Silo = "", FailuresInRow = 2, LastOutcome = runs[0] };
        var status = new ClusterStatus(summary, runs, new StoredSummary(0, 0, null, [], Facts.Begin), null);
        Assert.Equal(Facts.Begin.AddMinutes(-2), WatchedCluster.Of(summary, status, Facts.Begin).FirstFailure);
    }

    // Receivers drop an id that they have seen.
    [Fact]
    public void Damage_that_was_found_again_has_another_id()
    {
        Assert.True(BackupName.TryParse("3.5.30_000000000000000f_etcd.backup", out var name));
        var entry = new BackupEntry { Name = name, StoredSize = 1, StoredAt = Facts.Begin, ObjectTag = "", DocumentTag = "" };
        IEnumerable<Finding> Found(int minutes) => StoreFindings.Of(StatusOf(entry with
        {
            Metadata = BackupMetadata.Rebuild(entry, 1, "", null) with
            {
                Verification = new Verification(Facts.Begin.AddMinutes(minutes), false, "rotten"),
            },
        })).Damaged!;
        Assert.NotEqual(Found(1).Single().Anchor, Found(2).Single().Anchor);
    }

    private static ClusterStatus StatusOf(BackupEntry damaged) => new(
        new ClusterSummary { Key = Facts.Well.Cluster, Registered = true, Silo = "" }, [],
        new StoredSummary(1, 1, null, [damaged], Facts.Begin), null);

    private static WatchedCluster Success(int minutes) => Facts.Well with { LastSuccess = Facts.Begin.AddMinutes(minutes) };

    private IReadOnlyList<Notification> Told(WatchedCluster facts, int minutes = 5, int seconds = 0) =>
        Book.Take(facts, Facts.Begin.AddMinutes(minutes).AddSeconds(seconds));
}

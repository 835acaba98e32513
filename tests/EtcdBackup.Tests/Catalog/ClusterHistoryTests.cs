using CsCheck;
using EtcdBackup.Catalog;

namespace EtcdBackup.Tests.Catalog;

public class ClusterHistoryTests
{
    private static readonly Lineage First = new("c1", 1, "");
    private static readonly ClusterLook At = new(new ClusterPosition("c1", 100, 5, 1000), First);

    [Theory]
    [InlineData("c1", 100, 5, 1000, nameof(Progress.Unchanged))]
    [InlineData("c1", 100, 6, 1001, nameof(Progress.Unchanged))] // an election and a lease: no new revision
    [InlineData("c1", 101, 5, 1001, nameof(Progress.Advanced))]
    [InlineData("c1", 99, 5, 1000, nameof(Progress.WentBack))]
    [InlineData("c1", 100, 4, 1000, nameof(Progress.WentBack))]
    [InlineData("c1", 100, 5, 999, nameof(Progress.WentBack))] // restored in place and written up to the same revision
    [InlineData("c1", 200, 2, 300, nameof(Progress.WentBack))] // … and beyond it
    [InlineData("c2", 100, 5, 1000, nameof(Progress.OtherLineage))]
    [InlineData("c2", 500, 9, 9000, nameof(Progress.OtherLineage))]
    public void A_position_is_compared_with_the_last_look(string cluster, long revision, ulong term, ulong index, string expected) =>
        Assert.Equal(expected, ClusterHistory.Of(At, []).Compare(new ClusterPosition(cluster, revision, term, index)).ToString());

    [Fact]
    public void The_first_look_always_takes_a_backup() => Assert.Equal(Progress.Advanced, ClusterHistory.Of(null, []).Compare(At.Position));

    [Fact]
    public void Of_state_and_store_the_newer_lineage_counts()
    {
        var stored = BackupOrderTests.Entry(revision: 50, incarnation: 2, minute: 1);
        Assert.Equal(2, ClusterHistory.Of(At with { Position = At.Position with { ClusterId = "c" } }, [stored]).Lineage!.Incarnation);
        var look = new ClusterLook(new ClusterPosition("c", 70, 1, 1), new Lineage("c", 3, "new"));
        Assert.Equal("new", ClusterHistory.Of(look, [stored]).Lineage!.Tag);
    }

    [Fact]
    public void In_one_lineage_the_higher_position_of_both_counts()
    {
        var stored = BackupOrderTests.Entry(revision: 50, incarnation: 1, minute: 1);
        var look = new ClusterLook(new ClusterPosition("c", 40, 7, 900), new Lineage("c", 1, ""));
        Assert.Equal(new ClusterPosition("c", 50, 7, 900), ClusterHistory.Of(look, [stored]).Position);
    }

    // Two silos that could not see each other: nobody can tell any more whose backups came first.
    [Fact]
    public void Two_lineages_of_one_number_are_followed_by_a_third()
    {
        var mine = new ClusterLook(new ClusterPosition("c", 70, 1, 1), new Lineage("c", 2, "mine"));
        var history = ClusterHistory.Of(mine, [BackupOrderTests.Entry(revision: 50, incarnation: 2, minute: 1)]);
        Assert.Equal(Progress.OtherLineage, history.Compare(mine.Position));
        Assert.Equal(3, history.Next("c", default, new Random(1)).Incarnation);
    }

    [Fact]
    public void Two_clusters_in_one_lineage_are_followed_by_a_third_too()
    {
        var stored = BackupOrderTests.Entry(revision: 50, incarnation: 2, minute: 1);
        var look = new ClusterLook(stored.Metadata!.Position with { ClusterId = "d" }, stored.Metadata.Lineage);
        Assert.Equal(Progress.OtherLineage, ClusterHistory.Of(look, [stored]).Compare(look.Position));
    }

    [Fact]
    public void The_newest_backup_of_the_current_lineage_is_known_sound_or_not()
    {
        var damaged = BackupOrderTests.Entry(revision: 60, incarnation: 2, minute: 2) with { StoredSize = 1 };
        BackupEntry[] all = [BackupOrderTests.Entry(revision: 50, incarnation: 2, minute: 1), damaged,
            BackupOrderTests.Entry(revision: 90, incarnation: 1, minute: 3),
            BackupOrderTests.Entry(revision: 99, incarnation: 0, minute: 4)];
        Assert.Equal(damaged, ClusterHistory.Of(null, all).Latest);
        Assert.Null(ClusterHistory.Of(new ClusterLook(At.Position, new Lineage("c1", 3, "")), all).Latest);
        Assert.Null(ClusterHistory.Of(null, []).Latest);
    }

    [Fact]
    public void Backups_of_unknown_lineage_tell_nothing_of_the_cluster()
    {
        var history = ClusterHistory.Of(null, [BackupOrderTests.Entry(revision: 50, incarnation: 0, minute: 1)]);
        Assert.Equal((null, null, null), (history.Lineage, history.Position, history.Latest));
    }

    [Fact]
    public void A_lineage_began_when_it_was_first_seen()
    {
        var stored = BackupOrderTests.Entry(revision: 50, incarnation: 1, minute: 1);
        stored = stored with { Metadata = stored.Metadata! with { Lineage = new Lineage("c", 1, "", At(5)) } };
        Assert.Equal(At(3), SinceOf(At(3)));
        Assert.Equal(At(5), SinceOf(At(7)));
        Assert.Null(SinceOf(null)); // an older build saw it, nobody knows when

        static DateTimeOffset At(int minute) => DateTimeOffset.UnixEpoch.AddMinutes(minute);

        DateTimeOffset? SinceOf(DateTimeOffset? looked) =>
            ClusterHistory.Of(new ClusterLook(stored.Metadata!.Position, new Lineage("c", 1, "", looked)), [stored]).Lineage!.Since;
    }

    [Fact]
    public void Later_lineages_have_tags_that_differ()
    {
        var random = new Random(1);
        Assert.Equal(new Lineage("c1", 1, "", DateTimeOffset.UnixEpoch),
            ClusterHistory.Of(null, []).Next("c1", DateTimeOffset.UnixEpoch, random));
        var tags = Enumerable.Range(0, 1000).Select(_ => ClusterHistory.Of(At, []).Next("c1", default, random).Tag).ToHashSet();
        Assert.Equal(1000, tags.Count);
        Assert.All(tags, t => Assert.Matches("^[0-9a-f]{8}$", t));
    }

    [Fact]
    public void What_is_known_only_grows_in_whatever_order_it_is_learned() =>
        Gen.Select(Gen.Long[1, 99], Gen.ULong[1, 9], Gen.ULong[1, 99]).Array[1, 8].Sample(rows =>
        {
            var looks = rows.Select(r => new ClusterLook(new ClusterPosition("c", r.Item1, r.Item2, r.Item3), new Lineage("c", 1, "")))
                .ToArray();
            var position = looks.Select(l => l.Position).Aggregate((a, b) => a.Highest(b));
            return looks.Reverse().Select(l => l.Position).Aggregate((a, b) => a.Highest(b)) == position &&
                looks.All(l => !position.IsBehind(l.Position));
        });
}

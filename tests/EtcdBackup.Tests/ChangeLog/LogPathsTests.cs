using EtcdBackup.ChangeLog;
using static EtcdBackup.Tests.ChangeLog.LogFixture;

namespace EtcdBackup.Tests.ChangeLog;

public class LogPathsTests
{
    [Fact]
    public void A_path_goes_on_from_its_backup_as_far_as_segments_follow_each_other()
    {
        var log = Log([Segment(11, 20), Segment(21, 30), Segment(32, 40)], Anchor(10));
        Assert.Equal(30, Assert.Single(LogPaths.Of(log, [Backup(10)])).Last);
    }

    [Fact]
    public void It_may_begin_in_the_middle_of_a_segment()
    {
        var log = Log([Segment(11, 20), Segment(21, 30)], Anchor(10), Anchor(15));
        var path = LogPaths.Of(log, [Backup(10), Backup(15)])[0];
        Assert.Equal((15L, 2, 30L), (path.Base.Revision, path.Segments.Count, path.Last));
    }

    [Fact]
    public void A_backup_without_an_anchor_a_damaged_one_and_another_of_the_same_revision_give_none()
    {
        var log = Log([Segment(11, 20)], Anchor(10));
        Assert.Empty(LogPaths.Of(log, [Backup(9)]));
        Assert.Empty(LogPaths.Of(log, [Backup(10).Damaged()]));
        Assert.Empty(LogPaths.Of(log, [Backup(10, incarnation: 2)]));
    }

    [Fact]
    public void Of_two_silos_that_write_at_once_neither_is_mixed_with_the_other()
    {
        // The second goes on from the first's segment, and neither from the other's later ones.
        var log = Log(
            [Segment(11, 20), Segment(21, 30), Segment(21, 25, chain: "b") with { Before = Segment(11, 20).After },
                Segment(26, 35, chain: "b"), Segment(31, 33, chain: "c")],
            Anchor(10));
        var path = Assert.Single(LogPaths.Of(log, [Backup(10)]));
        Assert.Equal([20, 25, 35], path.Segments.Select(s => s.Last));
    }

    // Restored to its latest backup: the lineage stays, and what came after it did not happen.
    [Fact]
    public void Of_two_streams_the_one_that_was_written_last_counts()
    {
        var log = Log(
            [Segment(11, 20, minute: 1), Segment(11, 15, minute: 9, stream: "bbbbbbbb", size: 900)], Anchor(10), Anchor(10, "bbbbbbbb"));
        var paths = LogPaths.Of(log, [Backup(10)]);
        Assert.Equal("bbbbbbbb", LogPaths.To(12, paths)!.Stream);
        Assert.Equal("aaaaaaaa", LogPaths.To(18, paths)!.Stream);
    }

    [Fact]
    public void A_merged_segment_is_preferred_and_what_it_was_made_of_does_not_hurt()
    {
        var merged = Segment(11, 30, size: 200);
        var log = Log([Segment(11, 20), Segment(21, 30), merged, Segment(31, 40)], Anchor(10));
        Assert.Equal([30, 40], Assert.Single(LogPaths.Of(log, [Backup(10)])).Segments.Select(s => s.Last));
        log = Log([Segment(21, 30), merged, Segment(31, 40)], Anchor(10));
        Assert.Equal(40, Assert.Single(LogPaths.Of(log, [Backup(10)])).Last);
    }

    [Fact]
    public void After_a_backup_that_it_does_not_agree_with_a_stream_counts_only_to_the_last_one_that_it_agreed_with()
    {
        var log = Log(
            [Segment(11, 20), Segment(21, 30), Segment(31, 40)], Anchor(10), Anchor(20), Anchor(35, holds: false), Anchor(40));
        var paths = LogPaths.Of(log, [Backup(10), Backup(20), Backup(35), Backup(40)]);
        Assert.Equal(20, paths.Where(p => p.Base.Revision <= 20).Max(p => p.Last));
        Assert.Null(LogPaths.To(25, LogPaths.Of(log, [Backup(10), Backup(20)])));
    }

    [Fact]
    public void What_a_stream_has_beyond_its_end_counts_for_nothing_also_within_a_segment()
    {
        var log = Log([Segment(11, 20), Segment(21, 30)], Anchor(10), Anchor(28), AnchorName.EndOf("aaaaaaaa", 25));
        var path = Assert.Single(LogPaths.Of(log, [Backup(10), Backup(28)]));
        Assert.Equal(25, path.Last);
        Assert.NotNull(LogPaths.To(25, [path]));
        Assert.Null(LogPaths.To(26, [path]));
    }

    [Fact]
    public void The_path_to_a_revision_is_the_cheapest_and_ends_with_the_segment_that_has_it()
    {
        var log = Log([Segment(11, 20), Segment(21, 30), Segment(31, 40)], Anchor(10), Anchor(20));
        var path = LogPaths.To(25, LogPaths.Of(log, [Backup(10), Backup(20)]))!;
        Assert.Equal((20L, 30L), (path.Base.Revision, Assert.Single(path.Segments).Last));
        Assert.Null(LogPaths.To(41, LogPaths.Of(log, [Backup(10), Backup(20)])));
        Assert.Null(LogPaths.To(9, LogPaths.Of(log, [Backup(10), Backup(20)])));
    }

    [Fact]
    public void Of_two_lineages_that_have_a_revision_the_newer_one_gives_it()
    {
        var log = Log(
            [Segment(11, 40), Segment(13, 40, stream: "bbbbbbbb")], Anchor(10), Anchor(12, "bbbbbbbb", incarnation: 2));
        var paths = LogPaths.Of(log, [Backup(10), Backup(12, incarnation: 2)]);
        Assert.Equal(2, LogPaths.To(30, paths)!.Base.Incarnation);
        Assert.Equal(1, LogPaths.To(11, paths)!.Base.Incarnation);
    }

    [Fact]
    public void Windows_join_where_no_revision_is_missing_and_stay_apart_elsewhere()
    {
        var backups = new[] { Backup(10), Backup(30), Backup(50), Backup(51), Backup(12, incarnation: 2) };
        var log = Log([Segment(11, 20), Segment(21, 29)], Anchor(10));
        var windows = RecoveryWindow.Of(LogPaths.Of(log, backups), backups);
        Assert.Equal([(12L, 12L), (50L, 51L), (10L, 30L)], windows.Select(w => (w.From, w.To)));
    }

    // Of two backups without metadata nobody knows whether they are of one history.
    [Fact]
    public void Windows_of_unknown_lineages_stay_apart()
    {
        var windows = RecoveryWindow.Of([], [Backup(10, incarnation: 0), Backup(11, incarnation: 0)]);
        Assert.Equal([(11L, 11L), (10L, 10L)], windows.Select(w => (w.From, w.To)));
    }
}

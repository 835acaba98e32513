using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using static EtcdBackup.Tests.ChangeLog.LogFixture;

namespace EtcdBackup.Tests.ChangeLog;

public class LogTidyTests
{
    private static readonly LogSpec Day = new() { Enabled = true, Keep = "24h" };

    // A backup and a segment each hour; the segment of an hour leads from its backup to the next.
    [Theory]
    [InlineData(30, 24)]
    [InlineData(20, 20)]
    public void A_window_begins_with_the_newest_backup_that_is_old_enough_and_nothing_after_it_goes(int hours, int stays)
    {
        var (log, backups) = Hours(hours);
        var now = Start.AddHours(hours);
        var gone = LogPruning.Decide(log, backups, Day, now).Segments;
        Assert.Equal(Enumerable.Range(0, hours - stays).Select(h => (h * 10L) + 1), gone.Select(s => s.First));
        var left = Log(log.Segments.Except(gone), log.Anchors);
        Assert.Equal(hours * 10, LogPaths.Of(left, backups).Where(p => p.Base.CreationTime <= now.AddHours(-stays)).Max(p => p.Last));
    }

    [Fact]
    public void What_has_no_backup_goes_when_it_is_no_longer_young()
    {
        var (log, backups) = Hours(4);
        Assert.Equal([1, 11, 21], LogPruning.Decide(log, [], Day, Start.AddHours(4)).Segments.Select(s => s.First));
        Assert.Empty(LogPruning.Decide(log, backups, Day, Start.AddHours(4)).Segments);
    }

    [Fact]
    public void Beyond_its_size_the_oldest_go_up_to_a_backup()
    {
        var (log, backups) = Hours(10);
        var spec = Day with { MaxSizeInMB = 1 };
        log = log with { Segments = [.. log.Segments.Select(s => s with { Size = 300_000 })] };
        Assert.Equal(
            Enumerable.Range(0, 7).Select(h => (h * 10L) + 1),
            LogPruning.Decide(log, backups, spec, Start.AddHours(10)).Segments.Select(s => s.First));

        // Of what came since the latest backup nothing goes.
        log = log with { Segments = [.. log.Segments.Select(s => s with { Size = 3_000_000 })] };
        Assert.DoesNotContain(
            LogPruning.Decide(log, backups, spec, Start.AddHours(10)).Segments, s => s.First > backups[^1].Revision);
    }

    [Fact]
    public void Anchors_go_with_their_backup_if_nothing_is_left_of_their_stream()
    {
        var log = Log([Segment(11, 20)], Anchor(10), Anchor(5), Anchor(7, "bbbbbbbb"));
        Assert.Equal([Anchor(7, "bbbbbbbb")], LogPruning.Decide(log, [Backup(10)], Day, Start.AddHours(30)).Anchors);
    }

    [Fact]
    public void Small_segments_that_follow_each_other_in_ten_minutes_become_one()
    {
        var log = Log([Segment(11, 20, 1), Segment(21, 30, 2), Segment(31, 40, 9), Segment(41, 50, 11)]);
        Assert.Equal([11, 21, 31], Next(log, 1000, Start.AddMinutes(12)).Select(s => s.First));
        Assert.Empty(Next(log, 1000, Start.AddMinutes(10)));
        Assert.Equal([11, 21], Next(log, 200, Start.AddMinutes(12)).Select(s => s.First));
        Assert.Empty(Next(log, 150, Start.AddMinutes(12)));
    }

    [Fact]
    public void Those_of_another_stream_or_chain_are_not_mixed_and_after_hours_larger_ones_are_made()
    {
        Assert.Empty(Next(
            Log([Segment(11, 20, 1), Segment(21, 30, 2, chain: "b"), Segment(31, 40, 3, stream: "bbbbbbbb")]), 1000, Start.AddHours(1)));
        var log = Log([Segment(11, 20, 1), Segment(21, 30, 15), Segment(31, 40, 200)]);
        Assert.Empty(Next(log, 1000, Start.AddHours(6)));
        Assert.Equal([11, 21, 31], Next(log, 1000, Start.AddHours(6.1)).Select(s => s.First));
    }

    [Fact]
    public void What_another_silo_wrote_at_the_same_time_is_neither_merged_nor_loses_what_it_begins_at()
    {
        // As two silos leave it: the second goes on from 20 too, and further.
        var log = Log(
            [Segment(11, 20, 1), Segment(21, 22, 2), Segment(21, 25, 2, chain: "b") with { Before = Segment(11, 20).After },
                Segment(26, 35, 3, chain: "b"), Segment(36, 40, 4, chain: "b")],
            Anchor(10));
        Assert.Equal([21, 26, 36], LogMerging.Next(log, LogPaths.Of(log, [Backup(10)]), 1000, Start.AddMinutes(12)).Select(s => s.First));
    }

    private static IReadOnlyList<SegmentName> Next(LogListing log, long largest, DateTimeOffset now) =>
        LogMerging.Next(log, [.. log.Segments.Select(s => new LogPath(Backup(10), s.Stream, [s]))], largest, now);

    private static (LogListing Log, BackupEntry[] Backups) Hours(int hours) => (
        Log(Enumerable.Range(0, hours).Select(h => Segment((h * 10) + 1, (h * 10) + 10, (h * 60) + 30)),
            Enumerable.Range(0, hours).Select(h => Anchor(h * 10))),
        [.. Enumerable.Range(0, hours).Select(h => Backup(h * 10, h * 60))]);
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;
using EtcdBackup.Tests.Catalog;

namespace EtcdBackup.Tests.Retention;

/// <summary>Where exactly the rules and limits begin and end.</summary>
public class RetentionLimitTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_backup_of_just_the_highest_age_stays()
    {
        BackupEntry[] all = [At(1, Start), At(2, Start.AddHours(1)), At(3, Start.AddHours(2))];
        var spec = new BackupSpec { Retention = new RetentionSpec { MaxAge = "2h" } };
        Assert.Equal([3, 2, 1], Kept(all, spec, Start.AddHours(2)));
        Assert.Equal([3, 2], Kept(all, spec, Start.AddHours(2).AddTicks(1)));
    }

    [Fact]
    public void Backups_of_just_the_highest_size_in_all_stay()
    {
        var rules = new RetentionSpec { MaxSizeInMB = 2 };
        Assert.Equal([true, true, false], Decide([Sized(1, 9), Sized(2, 1_048_576), Sized(3, 1_048_576)], rules).Select(d => d.Keep));
        var decisions = Decide([Sized(1, 9), Sized(2, 1_048_577), Sized(3, 1_048_576)], rules);
        Assert.Equal([true, false, true], decisions.Select(d => d.Keep));
        Assert.Equal("beyond maxSizeInMB 2", decisions[1].Reason);

        static BackupEntry Sized(long revision, long size)
        {
            var entry = At(revision, Start);
            return entry with { StoredSize = size, Metadata = entry.Metadata! with { Size = size } };
        }
    }

    // Wednesday, 31 December 2025 and Thursday, 1 January 2026 are in week 1 of 2026. A week has its Monday.
    [Fact]
    public void A_week_may_lie_in_two_years()
    {
        BackupEntry[] all = [At(1, Start.AddDays(-4)), At(2, Start.AddDays(-3)), At(3, Start.AddDays(-1)), At(4, Start)];
        Assert.Equal([4, 1], Kept(all, new BackupSpec { Retention = new RetentionSpec { KeepWeekly = 2 } }, Start));
    }

    [Fact]
    public void The_same_hour_day_week_and_month_of_another_time_is_another_period()
    {
        BackupEntry[] all = [At(1, Start.AddYears(-1)), At(2, Start.AddMonths(-1)), At(3, Start.AddDays(-1)), At(4, Start)];
        Assert.Equal([4, 3, 2, 1], Kept(all, new BackupSpec { Retention = new RetentionSpec { KeepHourly = 4 } }, Start));
        Assert.Equal([4, 3, 2, 1], Kept(all, new BackupSpec { Retention = new RetentionSpec { KeepDaily = 4 } }, Start));
        Assert.Equal([4, 2, 1], Kept(all, new BackupSpec { Retention = new RetentionSpec { KeepWeekly = 4 } }, Start));
        Assert.Equal([4, 3, 1], Kept(all, new BackupSpec { Retention = new RetentionSpec { KeepMonthly = 4 } }, Start));
    }

    [Fact]
    public void Of_two_in_the_same_hour_or_month_the_later_stays()
    {
        BackupEntry[] all = [At(1, Start), At(2, Start.AddMinutes(59)), At(3, Start.AddHours(1)), At(4, Start.AddDays(30))];
        Assert.Equal([4, 3, 2], Kept(all, new BackupSpec { Retention = new RetentionSpec { KeepHourly = 9 } }, Start));
        Assert.Equal([4], Kept(all, new BackupSpec { Retention = new RetentionSpec { KeepMonthly = 9 } }, Start));
    }

    [Fact]
    public void Of_two_at_the_same_time_the_higher_revision_is_the_later()
    {
        // The latest is that of the newer lineage; the rule goes by time.
        BackupEntry[] all = [Of(9, incarnation: 2, Start.AddDays(-1)), At(1, Start), At(3, Start), At(2, Start)];
        var rules = new RetentionSpec { KeepLast = 1, KeepEarlierLineages = "0s" };
        Assert.Equal([9, 3], Kept(all, new BackupSpec { Retention = rules }, Start));
        var twin = all[2] with { Name = all[2].Name with { Tag = "x" } };
        Assert.Equal(all[2].Name, RetentionPolicy.Decide([twin, .. all], new BackupSpec { Retention = rules }, Start)[1].Backup);
    }

    [Fact]
    public void What_several_rules_keep_says_which()
    {
        BackupEntry[] all = [At(1, Start.AddYears(-1)), At(2, Start.AddHours(-1)), At(3, Start)];
        var rules = new RetentionSpec { KeepLast = 2, KeepHourly = 2, KeepDaily = 3, KeepWeekly = 2, KeepMonthly = 9 };
        Assert.Equal(["the latest sound backup always stays", "kept by keepLast, keepHourly, keepDaily, keepMonthly",
            "kept by keepDaily, keepWeekly, keepMonthly"], Decide(all, rules).Select(d => d.Reason));
        Assert.Equal("no keep rule holds it", Decide(all, new RetentionSpec { KeepLast = 1 })[^1].Reason);
    }

    [Fact]
    public void A_damaged_backup_is_told_last_and_why_it_stays()
    {
        var damaged = At(9, Start) with { StoredSize = 1 };
        Assert.Equal(new RetentionDecision(damaged.Name, true, "damaged: it neither counts nor goes by itself"),
            Decide([damaged, At(1, Start)], new RetentionSpec())[^1]);
    }

    [Fact]
    public void The_newest_of_an_earlier_lineage_stays_until_its_time_is_over_since_the_next_began()
    {
        var old = Of(100, incarnation: 1, Start.AddDays(-300));
        var next = Of(5, incarnation: 2, Start.AddDays(1), since: Start);
        Assert.Equal("the newest of an earlier lineage stays until 2026-01-31 00:00 UTC",
            RetentionPolicy.Decide([old, next], One, Start)[^1].Reason);
        Assert.Equal([5, 100], Kept([old, next], One, Start.AddDays(30).AddTicks(-1)));
        Assert.Equal([5], Kept([old, next], One, Start.AddDays(30)));
        Assert.Equal([5, 100], Kept([old, Of(5, incarnation: 2, Start.AddDays(1))], One, Start.AddDays(30)));
    }

    [Fact]
    public void One_without_metadata_stays_for_its_time_since_it_was_stored_or_the_lineages_began()
    {
        var late = BackupOrderTests.Entry(revision: 100, incarnation: 0, minute: 0) with { StoredAt = Start.AddDays(2) };
        BackupEntry[] all = [late, Of(5, incarnation: 1, Start, since: Start)];
        Assert.Equal([5, 100], Kept(all, One, Start.AddDays(32).AddTicks(-1)));
        Assert.Equal([5], Kept(all, One, Start.AddDays(32)));
        all[0] = late with { StoredAt = Start.AddDays(-2) };
        Assert.Equal([5, 100], Kept(all, One, Start.AddDays(30).AddTicks(-1)));
        Assert.Equal([5], Kept(all, One, Start.AddDays(30)));
        var other = late with { StoredAt = Start, Name = late.Name with { Revision = 7, Tag = "a" } };
        Assert.Equal([100, 7], Kept([late, other], One, Start.AddDays(30).AddTicks(-1)));
        Assert.Equal([100], Kept([late, other], One, Start.AddDays(30)));
    }

    [Fact]
    public void What_has_to_stay_when_one_goes_is_the_newest_of_its_lineage_or_the_latest_of_all()
    {
        var (old, newest) = (Of(10, incarnation: 1, Start), Of(20, incarnation: 1, Start));
        var (latest, damaged) = (Of(5, incarnation: 2, Start), Of(30, incarnation: 1, Start) with { StoredSize = 1 });
        BackupEntry[] all = [old, newest, damaged, latest];
        Assert.Equal(newest, RetentionPolicy.NewestBeside(all, old));
        Assert.Equal(latest, RetentionPolicy.NewestBeside(all, newest));
        Assert.Equal(latest, RetentionPolicy.NewestBeside(all, latest));
    }

    private static BackupSpec One => new() { MaxBackups = 1 };

    private static BackupEntry At(long revision, DateTimeOffset time) => Of(revision, incarnation: 1, time);

    private static BackupEntry Of(long revision, int incarnation, DateTimeOffset time, DateTimeOffset? since = null)
    {
        var entry = BackupOrderTests.Entry(revision, incarnation, minute: 0);
        var lineage = entry.Metadata!.Lineage with { Since = since };
        return entry with { Metadata = entry.Metadata with { CreationTime = time, Lineage = lineage } };
    }

    private static IReadOnlyList<RetentionDecision> Decide(IReadOnlyCollection<BackupEntry> all, RetentionSpec rules) =>
        RetentionPolicy.Decide(all, new BackupSpec { Retention = rules }, Start);

    private static IEnumerable<long> Kept(IReadOnlyCollection<BackupEntry> all, BackupSpec spec, DateTimeOffset now) =>
        RetentionPolicy.Decide(all, spec, now).Where(d => d.Keep).Select(d => d.Backup.Revision);
}

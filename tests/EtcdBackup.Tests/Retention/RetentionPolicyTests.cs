using CsCheck;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;
using EtcdBackup.Tests.Catalog;

namespace EtcdBackup.Tests.Retention;

public class RetentionPolicyTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = Start.AddHours(2000);

    private static readonly Gen<BackupEntry[]> Histories =
        Gen.Select(Gen.Int[1, 1000], Gen.Int[0, 4], Gen.Int[0, 100_000], Gen.Int[0, 9]).Array[0, 30]
            .Select(rows => rows.Select(r => Entry(r.Item1, r.Item2, r.Item3, isSound: r.Item4 > 0)).DistinctBy(e => e.Name).ToArray());

    private static readonly Gen<BackupSpec> Specs =
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 3].Array[5], Gen.Int[0, 3], Gen.Int[0, 2]).Select((max, keep, age, size) => new BackupSpec
        {
            MaxBackups = max,
            Retention = new RetentionSpec
            {
                KeepLast = keep[0],
                KeepHourly = keep[1],
                KeepDaily = keep[2],
                KeepWeekly = keep[3],
                KeepMonthly = keep[4],
                MaxAge = age == 0 ? "" : $"{age * 500}h",
                MaxSizeInMB = size * 5,
            },
        });

    [Fact]
    public void Whatever_the_rules_the_latest_sound_backup_stays() => Gen.Select(Histories, Specs).Sample((all, spec) =>
        BackupOrder.Latest(all) is not { } latest || Kept(all, spec).Contains(latest.Name));

    [Fact]
    public void What_was_decided_once_stays_decided() => Gen.Select(Histories, Specs).Sample((all, spec) =>
    {
        var kept = Kept(all, spec);
        var left = all.Where(e => kept.Contains(e.Name)).ToArray();
        return Kept(left, spec).SetEquals(kept);
    });

    [Fact]
    public void The_order_of_the_listing_does_not_matter() => Gen.Select(Histories, Specs).Sample((all, spec) =>
        Kept(all, spec).SetEquals(Kept([.. all.Reverse()], spec)));

    [Fact]
    public void Limits_are_kept_and_damaged_backups_never_count_nor_go() => Gen.Select(Histories, Specs).Sample((all, spec) =>
    {
        var outside = Outside(all, spec);
        var kept = all.Where(e => e.IsSound && Kept(all, spec).Contains(e.Name) && !outside.Contains(e.Name)).ToArray();
        return (spec.MaxBackups == 0 || kept.Length <= spec.MaxBackups) &&
            (spec.Retention!.MaxSizeInMB == 0 || kept.Length <= 1 ||
                kept.Sum(e => e.StoredSize) <= spec.Retention.MaxSizeInMB * 1024L * 1024) &&
            all.Where(e => !e.IsSound).All(e => Kept(all, spec).Contains(e.Name));
    });

    [Fact]
    public void The_newest_sound_backup_of_each_earlier_lineage_stays_for_its_time_whatever_the_rules() =>
        Gen.Select(Histories, Specs).Sample((all, spec) =>
    {
        var outside = Outside(all, spec);
        var kept = Kept(all, spec);
        return all.Where(e => e is { IsSound: true, Incarnation: > 0 }).GroupBy(e => e.Incarnation).OrderByDescending(g => g.Key).Skip(1)
            .All(lineage =>
        {
            var isYoung = Now < all.Where(e => e.Incarnation > lineage.Key).Min(e => e.CreationTime) +
                RetentionPolicy.DefaultKeepEarlierLineages;
            var newest = BackupOrder.Latest(lineage)!.Name;
            return isYoung ? kept.Contains(newest) && outside.Contains(newest) : !outside.Contains(newest);
        });
    });

    // Three trivial writes after a recreation once deleted every backup of the lineage before.
    [Fact]
    public void What_was_before_a_recreation_is_not_pushed_out_and_goes_in_its_time()
    {
        BackupEntry[] all = [Entry(500, 1, 0), Entry(600, 1, 60), Entry(2, 2, 120), Entry(3, 2, 121), Entry(4, 2, 122)];
        Assert.Equal([4, 3, 600], Revisions(new BackupSpec { MaxBackups = 2 }, days: 29));
        Assert.Equal([4, 3], Revisions(new BackupSpec { MaxBackups = 2 }, days: 31));
        Assert.Equal([4, 3],
            Revisions(new BackupSpec { MaxBackups = 2, Retention = new RetentionSpec { KeepEarlierLineages = "2d" } }, days: 3));
        Assert.Equal([4, 600], Revisions(new BackupSpec { Retention = new RetentionSpec { MaxAge = "1h" } }, days: 5));

        long[] Revisions(BackupSpec spec, int days) =>
            [.. RetentionPolicy.Decide(all, spec, Start.AddHours(2).AddDays(days)).Where(d => d.Keep).Select(d => d.Backup.Revision)];
    }

    [Fact]
    public void A_backup_that_one_rule_alone_keeps_is_kept_by_all_together() => Gen.Select(Histories, Specs).Sample((all, spec) =>
    {
        var rules = spec.Retention! with { MaxAge = "", MaxSizeInMB = 0 };
        var together = Kept(all, new BackupSpec { Retention = rules });
        return new[] { new RetentionSpec { KeepLast = rules.KeepLast }, new RetentionSpec { KeepDaily = rules.KeepDaily },
            new RetentionSpec { KeepMonthly = rules.KeepMonthly } }
            .Where(r => r.HasKeepRule).All(r => Kept(all, new BackupSpec { Retention = r }).IsSubsetOf(together));
    });

    [Fact]
    public void No_rule_removes_nothing() => Histories.Sample(all => Kept(all, new BackupSpec()).Count == all.Length);

    // Hourly backups over three days; restic's rules say which stay.
    [Fact]
    public void Periods_keep_their_newest_backup()
    {
        var all = Enumerable.Range(0, 72).Select(h => Entry(h + 1, 1, h * 60)).ToArray();
        Assert.Equal([72, 71], Revisions(new RetentionSpec { KeepLast = 2 }));
        Assert.Equal([72, 71, 70], Revisions(new RetentionSpec { KeepHourly = 3 }));
        Assert.Equal([72, 48], Revisions(new RetentionSpec { KeepDaily = 2 }));
        Assert.Equal([72, 71, 48, 24], Revisions(new RetentionSpec { KeepLast = 2, KeepDaily = 9 }));
        Assert.Equal([72], Revisions(new RetentionSpec { KeepMonthly = 5 }));
        Assert.Equal([72], Revisions(new RetentionSpec { KeepWeekly = 1 })); // 1 to 3 January 2026 lie in one ISO week

        long[] Revisions(RetentionSpec rules) =>
            [.. RetentionPolicy.Decide(all, new BackupSpec { Retention = rules }, Start.AddHours(72)).Where(d => d.Keep)
            .Select(d => d.Backup.Revision)];
    }

    [Fact]
    public void Every_decision_says_why()
    {
        var all = Enumerable.Range(0, 4).Select(h => Entry(h + 1, 1, h * 60)).ToArray();
        var decisions = RetentionPolicy.Decide(
            all, new BackupSpec { MaxBackups = 2, Retention = new RetentionSpec { KeepLast = 9, MaxAge = "3h" } },
            Start.AddHours(4).AddMinutes(1));
        Assert.Equal(["the latest sound backup always stays", "kept by keepLast", "beyond maxBackups 2", "beyond maxBackups 2"],
            decisions.Select(d => d.Reason));
        decisions = RetentionPolicy.Decide(all, new BackupSpec { Retention = new RetentionSpec { MaxAge = "150m" } }, Start.AddHours(4));
        Assert.Equal(["the latest sound backup always stays", "nothing says that it should go", "older than maxAge 150m",
            "older than maxAge 150m"], decisions.Select(d => d.Reason));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("30d", true)]
    [InlineData("720h", true)]
    [InlineData("0h", false)]
    [InlineData("-1h", false)]
    [InlineData("1.5h", false)]
    [InlineData("30", false)]
    [InlineData("forever", false)]
    public void An_age_is_a_number_with_a_unit(string text, bool isSound) =>
        Assert.Equal(isSound, !new RetentionSpec { MaxAge = text }.Problems().Any());

    private static HashSet<BackupName> Kept(IReadOnlyCollection<BackupEntry> all, BackupSpec spec) =>
        [.. RetentionPolicy.Decide(all, spec, Now).Where(d => d.Keep).Select(d => d.Backup)];

    // Two silos that did not see each other began them.
    [Theory]
    [InlineData("c", "other")]
    [InlineData("c2", "t2")]
    public void Of_two_lineages_with_one_number_the_newest_of_each_stays(string clusterId, string tag)
    {
        var (one, two) = (Entry(61, 2, 1), Entry(60, 2, 2));
        two = two with
        {
            Name = two.Name with { Tag = tag },
            Metadata = two.Metadata! with { Lineage = two.Metadata.Lineage with { ClusterId = clusterId, Tag = tag } },
        };
        var spec = new BackupSpec { MaxBackups = 1 };
        Assert.All(RetentionPolicy.Decide([one, two], spec, one.StoredAt), d => Assert.True(d.Keep, d.Reason));
        Assert.Contains(RetentionPolicy.Decide([one, Entry(60, 2, 2)], spec, one.StoredAt), d => !d.Keep);
    }

    private static HashSet<BackupName> Outside(IReadOnlyCollection<BackupEntry> all, BackupSpec spec) =>
        [.. RetentionPolicy.Decide(all, spec, Now).Where(d => d.Reason.StartsWith("the newest of an earlier", StringComparison.Ordinal))
            .Select(d => d.Backup)];

    private static BackupEntry Entry(long revision, int incarnation, int minute, bool isSound = true)
    {
        var entry = BackupOrderTests.Entry(revision, isSound ? incarnation : Math.Max(1, incarnation), minute);
        var sized = entry with { StoredSize = 1_000_000, Metadata = entry.Metadata is { } m ? m with { Size = 1_000_000 } : null };
        return isSound ? sized
            : sized with
            {
                Name = entry.Name with { Tag = "damaged" },
                Metadata = sized.Metadata! with { Verification = new Verification(Start, false, "rot") },
            };
    }
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;

namespace EtcdBackup.Tests.Retention;

public class LogRuleTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    // One an hour, of which two are kept by the other rules.
    [Theory]
    [InlineData(30)]
    [InlineData(200)]
    public void The_backup_that_the_kept_time_begins_with_stays_and_one_of_each_sixth_of_it(int hours)
    {
        var kept = Kept(hours, new LogSpec { Enabled = true, Keep = "24h" });
        Assert.InRange(kept.Count, 7, 10);
        Assert.Equal(24, kept.Where(h => h >= 24).DefaultIfEmpty(-1).Min());
        Assert.Equal(hours > 24 ? 1 : 0, kept.Count(h => h >= 24));
        for (var from = 0; from < 24; from += 4)
        {
            Assert.Contains(kept, h => h >= from && h <= from + 4);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_log_nothing_stays_for_it(bool isSaid) =>
        Assert.Equal([0, 1], Kept(30, isSaid ? new LogSpec { Keep = "24h" } : null));

    // A log that was switched on later goes on from none of the older ones. The third stays by maxBackups.
    [Fact]
    public void One_that_the_log_goes_on_from_is_preferred()
    {
        var entries = new[] { Entry(1, Now.AddMinutes(-9)), Entry(2, Now.AddMinutes(-8)), Entry(3, Now.AddMinutes(-7)), Entry(4, Now) };
        var spec = new BackupSpec { MaxBackups = 1, Log = new LogSpec { Enabled = true, Keep = "24h" } };
        Assert.Equal(
            [2, 3, 4],
            RetentionPolicy.Decide(entries, spec, Now, e => e.Revision is 2 or 3).Where(d => d.Keep).Select(d => d.Backup.Revision)
                .Order());
    }

    // What an hour's run leaves must still have all that the next hour's run wants to keep.
    [Fact]
    public void The_beginning_moves_on_though_each_run_prunes()
    {
        var spec = new BackupSpec { MaxBackups = 2, Log = new LogSpec { Enabled = true, Keep = "24h" } };
        var entries = new List<BackupEntry>();
        for (var hour = 0; hour < 300; hour++)
        {
            var now = Now.AddHours(hour);
            entries.Add(Entry(hour + 1, now));
            var gone = RetentionPolicy.Decide(entries, spec, now).Where(d => !d.Keep).Select(d => d.Backup).ToHashSet();
            entries.RemoveAll(e => gone.Contains(e.Name));
            var oldest = now - entries.Min(e => e.CreationTime);
            Assert.InRange(oldest.TotalHours, Math.Min(hour, 24), 28);
        }
    }

    private static List<int> Kept(int hours, LogSpec? log)
    {
        var entries = Enumerable.Range(0, hours + 1).Select(h => Entry(hours - h + 1, Now.AddHours(-h))).ToList();
        var times = entries.ToDictionary(e => e.Name, e => (int)(Now - e.CreationTime).TotalHours);
        return [.. RetentionPolicy.Decide(entries, new BackupSpec { MaxBackups = 2, Log = log }, Now)
            .Where(d => d.Keep).Select(d => times[d.Backup]).Order()];
    }

    private static BackupEntry Entry(long revision, DateTimeOffset taken)
    {
        var name = new BackupName(new EtcdVersion(3, 5, 0), revision);
        return new BackupEntry
        {
            Name = name,
            StoredSize = 100,
            StoredAt = taken,
            Metadata = new BackupMetadata
            {
                Name = name,
                CreationTime = taken,
                Size = 100,
                Sha256 = revision.ToString("x64", null),
                Version = name.Version,
                Revision = revision,
                Position = new ClusterPosition("1", revision, 1, 1),
                Lineage = new Lineage("1", 1, ""),
                Member = "",
            },
        };
    }
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Catalog;

public class BackupOrderTests
{
    [Fact]
    public void Latest_is_the_newest_of_the_current_history_not_the_highest_revision()
    {
        var before = Entry(revision: 500, incarnation: 1, minute: 1);
        var restored = Entry(revision: 100, incarnation: 2, minute: 2);
        Assert.Equal(restored, BackupOrder.Latest([before, restored]));
        Assert.Equal(restored, BackupOrder.Latest([restored, before]));
    }

    [Fact]
    public void In_one_history_the_revision_decides_whatever_the_clocks_said()
    {
        var newer = Entry(revision: 20, incarnation: 1, minute: 1);
        Assert.Equal(newer, BackupOrder.Latest([Entry(revision: 10, incarnation: 1, minute: 50), newer]));
    }

    [Fact]
    public void What_revision_and_time_leave_open_the_name_decides()
    {
        var first = Entry(revision: 20, incarnation: 1, minute: 1);
        var later = first with { Metadata = first.Metadata! with { CreationTime = first.StoredAt.AddMinutes(1) } };
        Assert.Equal([later, first], BackupOrder.NewestFirst([first, later]));
        var tagged = first with { Name = first.Name with { Tag = "a" } };
        Assert.Equal([tagged, first], BackupOrder.NewestFirst([tagged, first])); // 'a' comes before the 'e' of etcd
        Assert.Equal([tagged, first], BackupOrder.NewestFirst([first, tagged]));
        var (low, high) = (Entry(revision: 1, incarnation: 0, minute: 1), Entry(revision: 2, incarnation: 0, minute: 1));
        Assert.Equal([high, low], BackupOrder.NewestFirst([low, high]));
    }

    [Fact]
    public void A_damaged_one_is_never_the_latest()
    {
        var damaged = Entry(revision: 20, incarnation: 1, minute: 2) with { StoredSize = 1 };
        var sound = Entry(revision: 10, incarnation: 1, minute: 1);
        Assert.Equal(sound, BackupOrder.Latest([damaged, sound]));
        Assert.Null(BackupOrder.Latest([damaged]));
        Assert.Null(BackupOrder.At([damaged], damaged.Version, 20));
    }

    [Fact]
    public void Without_metadata_time_decides()
    {
        var newest = Entry(revision: 10, incarnation: 0, minute: 9);
        Assert.Equal(newest, BackupOrder.Latest([Entry(revision: 30, incarnation: 0, minute: 1), newest]));
    }

    [Fact]
    public void A_revision_that_two_histories_hold_is_the_current_one()
    {
        var now = Entry(revision: 100, incarnation: 2, minute: 2);
        Assert.Equal(now, BackupOrder.At([Entry(revision: 100, incarnation: 1, minute: 1), now], new EtcdVersion(3, 5, 30), 100));
        Assert.Null(BackupOrder.At([now], new EtcdVersion(3, 5, 29), 100));
        Assert.Null(BackupOrder.At([now], new EtcdVersion(3, 5, 30), 101));
    }

    [Fact]
    public void One_of_the_original_service_is_found_by_its_name_too_and_by_its_content_first()
    {
        var entry = Entry(revision: 10, incarnation: 0, minute: 1);
        var read = entry with { Metadata = BackupMetadata.Rebuild(entry, 1000, "", null) with { Revision = 12 } };
        Assert.Equal(read, BackupOrder.At([read], entry.Version, 10));
        Assert.Equal(read, BackupOrder.At([read], entry.Version, 12));
        Assert.Null(BackupOrder.At([read], entry.Version, 11));
        var other = Entry(revision: 10, incarnation: 1, minute: 2);
        Assert.Equal(other, BackupOrder.At([read, other], entry.Version, 10));
    }

    [Fact]
    public void Of_those_without_a_lineage_the_one_that_was_stored_last_is_told()
    {
        var (older, newer) = (Entry(revision: 90, incarnation: 0, minute: 1), Entry(revision: 10, incarnation: 0, minute: 2));
        Assert.Equal(newer, BackupOrder.NewestOfUnknownLineage([newer, older, Entry(revision: 20, incarnation: 1, minute: 3)]));
        Assert.Null(BackupOrder.NewestOfUnknownLineage([Entry(revision: 20, incarnation: 1, minute: 3)]));
    }

    internal static BackupEntry Entry(long revision, int incarnation, int minute)
    {
        var time = new DateTimeOffset(2026, 1, 1, 0, minute % 60, 0, TimeSpan.Zero).AddHours(minute / 60);
        var name = new BackupName(new EtcdVersion(3, 5, 30), revision, incarnation > 1 ? $"t{incarnation}" : "");
        return new BackupEntry
        {
            Name = name,
            StoredAt = time,
            StoredSize = 1000,
            Metadata = incarnation == 0 ? null : new BackupMetadata
            {
                Name = name,
                CreationTime = time,
                Size = 1000,
                Sha256 = new string('0', 64),
                ObjectTag = "",
                Version = name.Version,
                Revision = revision,
                Position = new ClusterPosition("c", revision, 1, 1),
                Lineage = new Lineage("c", incarnation, name.Tag),
                Member = "127.0.0.1:2379",
            },
        };
    }
}

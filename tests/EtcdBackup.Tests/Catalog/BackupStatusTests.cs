using EtcdBackup.Catalog;

namespace EtcdBackup.Tests.Catalog;

public class BackupStatusTests
{
    [Fact]
    public void It_tells_what_old_clients_read()
    {
        var entry = BackupOrderTests.Entry(revision: 15, incarnation: 1, minute: 1);
        var metadata = entry.Metadata! with { Size = 1_572_864, DurationSeconds = 2.1, CreationTime = Time };
        Assert.Equal(new BackupStatus("2026-11-26T10:03:04.005Z", 1.5, 15, "3.5.30", 3, "3.5.30_000000000000000f_etcd.backup"),
            BackupStatus.Of(entry with { Metadata = metadata, StoredSize = 1 }));
    }

    [Fact]
    public void Without_metadata_it_tells_what_name_and_object_show()
    {
        var entry = BackupOrderTests.Entry(revision: 15, incarnation: 0, minute: 1) with { StoredAt = Time, StoredSize = 1_048_576 };
        Assert.Equal(new BackupStatus("2026-11-26T10:03:04.005Z", 1, 15, "3.5.30", 1, "3.5.30_000000000000000f_etcd.backup"),
            BackupStatus.Of(entry));
    }

    [Fact]
    public void Megabytes_have_three_decimals() => Assert.Equal(0.954, BackupStatus.Megabytes(1_000_000));

    private static DateTimeOffset Time => new(2026, 11, 26, 12, 3, 4, 5, TimeSpan.FromHours(2));
}

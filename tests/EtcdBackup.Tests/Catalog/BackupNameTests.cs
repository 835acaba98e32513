using System.Text.Json;
using CsCheck;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;

namespace EtcdBackup.Tests.Catalog;

public class BackupNameTests
{
    [Fact]
    public void It_is_the_name_that_the_original_service_wrote() =>
        Assert.Equal("3.1.0_000000000000000f_etcd.backup", new BackupName(new EtcdVersion(3, 1, 0), 15).ToString());

    [Fact]
    public void What_it_writes_it_reads() =>
        Gen.Select(Gen.Int[0, 99], Gen.OneOf(Gen.Const(0L), Gen.Long[0, long.MaxValue]),
            Gen.Bool.Select(tagged => tagged ? "a1b2c3d4" : ""))
            .Sample((minor, revision, tag) =>
                BackupName.Parse(new BackupName(new EtcdVersion(3, minor, 1), revision, tag).ToString()) == new BackupName(
                new EtcdVersion(3, minor, 1), revision, tag));

    [Theory]
    [InlineData("3.5.30_000000000000000f_etcd.backup", BackupEncoding.None)]
    [InlineData("3.5.30_000000000000000f_etcd.backup.zst", BackupEncoding.Zstd)]
    [InlineData("3.5.30_000000000000000f_etcd.backup.age", BackupEncoding.Age)]
    [InlineData("3.5.30_000000000000000f_etcd.backup.zst.age", BackupEncoding.Zstd | BackupEncoding.Age)]
    public void The_end_says_how_it_is_stored(string text, BackupEncoding encoding)
    {
        var name = BackupName.Parse(text);
        Assert.Equal(encoding, name.Encoding);
        Assert.Equal(text, name.ToString());
        Assert.Equal("3.5.30_000000000000000f_etcd.backup", name.SnapshotName);
        Assert.Equal(name, JsonSerializer.Deserialize<BackupName>(JsonSerializer.Serialize(name)));
    }

    [Fact]
    public void What_is_no_name_is_refused_with_an_example() =>
        Assert.Equal("'x' is no backup: names look like 3.5.30_000000000000000f_etcd.backup",
            Assert.Throws<FormatException>(() => BackupName.Parse("x")).Message);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("3.1.0_000000000000000f_etcd.backup.age.zst")]
    [InlineData("3.1.0_000000000000000f__etcd.backup")]
    [InlineData("3.1.0_000000000000000f_A_etcd.backup")]
    [InlineData("3.1.0_f_etcd.backup")]
    [InlineData("3.1.0_000000000000000F_etcd.backup")]
    [InlineData("3.1.0_800000000000000f_etcd.backup")]
    [InlineData("v3.1.0_000000000000000f_etcd.backup")]
    [InlineData("3.1_000000000000000f_etcd.backup")]
    [InlineData("3.1.0_000000000000000f_etcd.backup.json")]
    [InlineData("3.1.0_000000000000000f_etcd.backup.tmp")]
    [InlineData("../3.1.0_000000000000000f_etcd.backup")]
    [InlineData("notes.txt")]
    public void Foreign_names_are_no_backups(string? name) => Assert.False(BackupName.TryParse(name, out _));

    // The original splits at underscores and reads the second part as the revision (etcd-operator pkg/backup).
    [Fact]
    public void A_tagged_name_still_reads_right_for_the_original()
    {
        var name = new BackupName(new EtcdVersion(3, 5, 30), 15, "a1b2c3d4").ToString();
        Assert.EndsWith("_etcd.backup", name, StringComparison.Ordinal);
        Assert.Equal("000000000000000f", name.Split('_', 3)[1]);
    }

    [Fact]
    public void Nothing_we_add_looks_like_a_backup() =>
        Assert.False(("3.1.0_000000000000000f_etcd.backup" + BackupMetadata.Extension)
            .EndsWith(BackupName.Suffix, StringComparison.Ordinal));
}

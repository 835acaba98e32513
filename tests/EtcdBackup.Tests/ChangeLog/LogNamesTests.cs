using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Encodings;
using static EtcdBackup.Tests.ChangeLog.LogFixture;

namespace EtcdBackup.Tests.ChangeLog;

public class LogNamesTests
{
    private const string Rest = "_00000000000_00000002_0000000000000064.log.zst";

    [Theory]
    [InlineData(BackupEncoding.Zstd)]
    [InlineData(BackupEncoding.Zstd | BackupEncoding.Age)]
    public void A_segments_name_says_all_and_reads_back(BackupEncoding encoding)
    {
        var name = Segment(11, 1L << 50, 12.345, size: int.MaxValue) with
        {
            Encoding = encoding,
            CaughtUpAt = Start.AddMinutes(3),
            RaftTerm = uint.MaxValue,
            RaftIndex = long.MaxValue,
        };
        Assert.True(SegmentName.TryParse(name.ToString(), out var read));
        Assert.Equal(name, read);

        // The original service's listing takes everything that ends so for a backup.
        Assert.False(name.ToString().EndsWith("_etcd.backup", StringComparison.Ordinal));
        Assert.False(BackupName.TryParse(name.ToString(), out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_anchors_name_reads_back(bool holds)
    {
        Assert.True(AnchorName.TryParse(Anchor(15, holds: holds).ToString(), out var read));
        Assert.Equal(Anchor(15, holds: holds), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("3.5.30_000000000000000f_etcd.backup")]
    [InlineData("000000000000000b_000000000000000a_00000000001_00000000001_aaaaaaaa_0000000000000000_0000000000000000_00000001" + Rest)]
    [InlineData("0000000000000000_000000000000000a_00000000001_00000000001_aaaaaaaa_0000000000000000_0000000000000000_00000001" + Rest)]
    [InlineData("800000000000000b_800000000000000c_00000000001_00000000001_aaaaaaaa_0000000000000000_0000000000000000_00000001" + Rest)]
    [InlineData("000000000000000a_000000000000000b_00000000001_00000000001_aaaaaaaa_0000000000000000_0000000000000000_ffffffff" + Rest)]
    [InlineData("000000000000000a_000000000000000b_00000000001_00000000001_aaaaaaaa_0000000000000000_0000000000000000_1" + Rest)]
    public void Other_files_are_none(string text)
    {
        Assert.False(SegmentName.TryParse(text, out _));
        Assert.False(AnchorName.TryParse(text, out _));
    }
}

using System.Text;
using EtcdBackup.Catalog;
using EtcdBackup.Encodings;

namespace EtcdBackup.Tests.Catalog;

public class QuarantineNameTests
{
    private static readonly QuarantineName Name = new("3.5.30", 15, 171);

    [Fact]
    public void It_says_which_member_gave_it_and_is_no_backups_name()
    {
        Assert.Equal("3.5.30_000000000000000f_00000000000000ab_etcd.corrupt", Name.ToString(BackupEncoding.None));
        Assert.Equal("3.5.30_000000000000000f_00000000000000ab_etcd.corrupt.zst.age",
            Name.ToString(BackupEncoding.Zstd | BackupEncoding.Age));
        Assert.False(BackupName.TryParse(Name.ToString(BackupEncoding.None), out _));
        Assert.Equal("""{"reason":"it is bad"}""", Encoding.UTF8.GetString(QuarantineName.Reason("it is bad")));
    }

    [Theory]
    [InlineData("3.5.30_000000000000000f_00000000000000ab_etcd.corrupt", true)]
    [InlineData("3.6.0_0000000000000010_00000000000000ab_etcd.corrupt.zst", true)]
    [InlineData("3.5.30_000000000000000f_00000000000000ac_etcd.corrupt", false)]
    [InlineData("3.5.30_000000000000000f_00000000000000ab_etcd.corrupt.json", false)]
    [InlineData("3.5.30_000000000000000f_00000000000000ab_etcd.backup", false)]
    public void Snapshots_of_the_same_member_are_found_and_their_documents_are_not(string name, bool isOne) =>
        Assert.Equal(isOne, Name.IsOfSameMember(name));
}

using EtcdBackup.Catalog;
using EtcdBackup.Etcd;

namespace EtcdBackup.Tests.Catalog;

public class ClusterPositionTests
{
    [Fact]
    public void Of_several_members_the_highest_of_each_counts() =>
        Assert.Equal(new ClusterPosition("00000000000000ab", 9, 7, 70), ClusterPosition.Of([Member(9, 5, 70), Member(3, 7, 60)]));

    [Fact]
    public void Of_two_positions_the_highest_of_each_counts() =>
        Assert.Equal(new ClusterPosition("c", 9, 7, 70),
            new ClusterPosition("c", 9, 5, 70).Highest(new ClusterPosition("c", 3, 7, 60)));

    private static MemberStatus Member(long revision, ulong term, ulong index) => new()
    {
        Endpoint = new Uri("http://m:1"),
        ClusterId = 171,
        Revision = revision,
        RaftTerm = term,
        RaftIndex = index,
    };
}

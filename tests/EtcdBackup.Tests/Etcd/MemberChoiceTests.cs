using EtcdBackup.Clusters;
using EtcdBackup.Etcd;

namespace EtcdBackup.Tests.Etcd;

public class MemberChoiceTests
{
    [Fact]
    public void The_highest_revision_comes_first_and_among_equals_a_follower()
    {
        var lagging = Member(1, revision: 90);
        var leader = Member(2, revision: 100, leader: 2);
        var follower = Member(3, revision: 100, leader: 2);
        Assert.Equal([follower, leader, lagging], MemberChoice.Order([lagging, leader, follower]));
    }

    [Fact]
    public void Who_cannot_give_a_sound_snapshot_is_left_out()
    {
        var sound = Member(1, revision: 5);
        Assert.Equal([sound], MemberChoice.Order(
        [
            sound,
            Member(2, revision: 9) with { IsLearner = true },
            Member(3, revision: 9) with { IsCorrupt = true },
            new MemberStatus { Endpoint = new Uri("http://h4:1"), Error = "did not answer in time" },
        ]));
    }

    // Two of three were restored; the third goes on telling what they all had, and has no leader, or has not noticed.
    [Theory]
    [InlineData(0, "is cut off")]
    [InlineData(2, "is of another history")]
    public void Who_is_not_of_the_quorum_is_left_out(ulong leader, string why)
    {
        var (one, two) = (Member(1, revision: 90, leader: 2), Member(2, revision: 92, leader: 2));
        var forgotten = Member(3, revision: 351, leader: leader);
        Assert.Equal(leader != 0, MemberChoice.Voters([one, two, forgotten]).Contains(forgotten));
        var members = MemberChoice.OfQuorum([one, two, forgotten], 92);
        Assert.Equal([two, one], MemberChoice.Order(members).OrderByDescending(m => m.Revision));
        Assert.Contains(why, members[2].Error, StringComparison.Ordinal);
        Assert.Equal([one, two, forgotten], MemberChoice.OfQuorum([one, two, forgotten], null));
    }

    [Fact]
    public void Where_nobody_knows_a_leader_one_is_asked() =>
        Assert.Equal([Member(2, revision: 9)], MemberChoice.Voters([Member(1, revision: 8), Member(2, revision: 9)]));

    [Fact]
    public void The_explanation_names_every_member() => Assert.Equal(
        "h1:1 is a learner; h2:1 has a CORRUPT alarm; h3:1 did not answer in time; h4:1 answered at revision 7",
        MemberChoice.Explain(
        [
            Member(1, 1) with { IsLearner = true },
            Member(2, 1) with { IsCorrupt = true },
            new MemberStatus { Endpoint = new Uri("http://h3:1"), Error = "did not answer in time" },
            Member(4, 7),
        ]));

    private static MemberStatus Member(ulong id, long revision, ulong leader = 0) => new()
    {
        Endpoint = new Uri($"http://h{id}:1"),
        MemberId = id,
        Leader = leader,
        Revision = revision,
        ClusterId = 1,
        Version = new EtcdVersion(3, 5, 30),
    };
}

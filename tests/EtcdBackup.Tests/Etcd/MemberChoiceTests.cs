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

using EtcdBackup.Grains;

namespace EtcdBackup.Simulation.Tests;

/// <summary>A member that was cut off while the others were restored goes on reporting what they all had before.</summary>
public class ForgottenMemberTests
{
    public static TheoryData<int> Seeds => RunTests.Seeds;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Its_higher_revision_is_not_believed(int seed)
    {
        var (scenario, one) = BackedUpTwice(seed, out var first);
        var forgotten = one.Etcd.Members.Count > 1 ? one.Etcd.Members[^1] : null;
        CutOff(forgotten, tellsLeader: seed % 2 == 0);
        one.Etcd.Restore(first, keepsId: true, forgotten);
        for (var i = 0; i < 3; i++)
        {
            one.Etcd.Write(1);
            Assert.Equal(2, BackedUp(scenario, one).Incarnation);
        }
    }

    // It is not ahead of the others, and its snapshot would be of what they all had before. Found by the simulation.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void It_gives_no_snapshot_where_the_others_have_reached_its_revision(int seed)
    {
        var (scenario, one) = BackedUpTwice(seed, out var first);
        if (one.Etcd.Members.Count < 3)
        {
            // Without it there is no quorum.
            return;
        }

        var (forgotten, reached) = (one.Etcd.Members[1], one.Etcd.Head.Revision);
        CutOff(forgotten, tellsLeader: true);
        one.Etcd.Restore(first, keepsId: true, forgotten);
        one.Etcd.Write((int)(reached - one.Etcd.Head.Revision));
        BackedUp(scenario, one);
    }

    private static (Scenario Scenario, Subject One) BackedUpTwice(int seed, out Content first)
    {
        var scenario = Scenario.OfOne(seed);
        var one = scenario["one"];
        first = one.Contents(1)!;
        one.Etcd.Write(100);
        one.Etcd.Heal();
        scenario.BackupNow("one");
        scenario.Run(20);
        return (scenario, one);
    }

    private static void CutOff(SimMember? member, bool tellsLeader)
    {
        if (member is not null)
        {
            (member.IsCutOff, member.TellsLeader) = (true, tellsLeader);
        }
    }

    private static Catalog.BackupEntry BackedUp(Scenario scenario, Subject one)
    {
        var reply = scenario.BackupNow("one");
        scenario.Run(30);
        Assert.Equal(RunResult.Succeeded, reply()!.Outcome.Result);
        var backup = reply()!.Backup!;
        Assert.Equal(one.Etcd.Head, one.Store.Objects[one.Folder + backup.Name].Content);
        return backup;
    }
}

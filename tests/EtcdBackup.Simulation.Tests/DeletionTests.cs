using EtcdBackup.Grains;

namespace EtcdBackup.Simulation.Tests;

/// <summary>The last change of a backup is a deletion: its last put is in the history before that, too.</summary>
public class DeletionTests
{
    public static TheoryData<int> Seeds => RunTests.Seeds;

    // Leases raise the index and not the revision, so nothing but the deletion tells that the cluster was restored.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_restore_to_before_it_is_found(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var one = scenario["one"];
        var before = one.Etcd.Head;
        for (one.Etcd.Write(1); !one.Etcd.PutsOf(one.Etcd.Head.Id).IsDeletion; one.Etcd.Write(1))
        {
            before = one.Etcd.Head;
        }

        one.Etcd.Heal();
        var deleted = BackedUp(scenario, one);
        one.Etcd.Restore(before, keepsId: true);
        one.Etcd.Elect(leases: 100);
        one.Etcd.Write((int)(deleted - one.Etcd.Head.Revision));
        one.Etcd.Heal();
        BackedUp(scenario, one);
    }

    private static long BackedUp(Scenario scenario, Subject one)
    {
        var reply = scenario.BackupNow("one");
        scenario.Run(30);
        Assert.Equal(RunResult.Succeeded, reply()!.Outcome.Result);
        Assert.Equal(one.Etcd.Head, one.Store.Objects[one.Folder + reply()!.Backup!.Name].Content);
        return one.Etcd.Head.Revision;
    }
}

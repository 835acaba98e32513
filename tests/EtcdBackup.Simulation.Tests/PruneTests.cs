using EtcdBackup.Grains;

namespace EtcdBackup.Simulation.Tests;

/// <summary>Removing what no rule keeps takes long where the store is slow.</summary>
public class PruneTests
{
    public static TheoryData<int> Seeds => RunTests.Seeds;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void It_holds_up_neither_callers_nor_the_next_backup(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var one = scenario["one"];
        for (var i = 0; i < one.Spec.Backup.MaxBackups; i++)
        {
            one.Etcd.Write(1);
            scenario.BackupNow("one");
            scenario.Run(30);
        }

        one.Store.Mood = StoreMood.Slow;
        scenario.Ended.Clear();
        one.Etcd.Write(1);
        var reply = scenario.BackupNow("one");
        for (var i = 0; scenario.Ended.Count == 0; i++)
        {
            Assert.True(i < 600, "it was not taken");
            scenario.Run(1);
        }

        scenario.Run(6);
        Assert.Equal(RunResult.Succeeded, reply()!.Outcome.Result);
        one.Store.Mood = StoreMood.Well;
        scenario.Run(30);
        Assert.True(one.Backups().Count() <= one.Spec.Backup.MaxBackups);
    }
}

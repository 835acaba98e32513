using EtcdBackup.Grains;
using EtcdBackup.Stores;

namespace EtcdBackup.Simulation.Tests;

/// <summary>A silo without a free slot hands a run over to one that has one.</summary>
public class HandOffTests
{
    public static TheoryData<int> Seeds => RunTests.Seeds;

    // Found by the simulation: on the clock of the other silo the backup was not due yet, and it waited for one more interval.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_handed_over_begins_at_once_whatever_the_clocks_say(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var (one, here) = (scenario["one"], scenario.Silo);
        var other = scenario.StartAnother(TimeSpan.FromMinutes(seed - 15));
        using var held = here.Services.Slots.Snapshots.TryEnter(StoreProvider.PlaceOf(one.Spec.Backup));
        one.Etcd.Write(1);
        scenario.Ended.Clear();
        for (var i = 0; scenario.Grain("one").Silo == here; i++)
        {
            Assert.True(i < 90, "it was not handed over");
            scenario.Run(1);
        }

        Assert.Equal(other, scenario.Grain("one").Silo);
        scenario.Run(20);
        Assert.Equal(RunResult.Succeeded, Assert.Single(scenario.Ended).Outcome.Result);
        Assert.Contains(one.Backups(), b => b.Object.Content == one.Etcd.Head);
    }
}

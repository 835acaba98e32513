using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Tests.Grains;

public class BackupGrainStateTests
{
    private static readonly ClusterKey Key = new("default", "example");

    [Fact]
    public void A_newer_builds_state_is_refused_with_what_to_do()
    {
        Assert.Null(new BackupGrainState().Refusal(Key));
        Assert.Contains("newer build", new BackupGrainState { Format = BackupGrainState.CurrentFormat + 1 }.Refusal(Key),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Of_looks_in_one_lineage_the_highest_is_remembered_and_an_older_lineage_is_not()
    {
        var state = new BackupGrainState();
        state.Remember(Look(incarnation: 2, revision: 50, index: 70));
        state.Remember(Look(incarnation: 2, revision: 40, index: 90));
        Assert.Equal((50, 90UL), (state.Position!.Revision, state.Position.RaftIndex));
        state.Remember(Look(incarnation: 1, revision: 900, index: 900));
        Assert.Equal((2, 50), (state.Lineage!.Incarnation, state.Position.Revision));
        state.Remember(Look(incarnation: 3, revision: 5, index: 5));
        Assert.Equal((3, 5), (state.Lineage.Incarnation, state.Position.Revision));
    }

    [Fact]
    public void Two_activations_add_up_to_what_both_know()
    {
        var mine = new BackupGrainState { Outcomes = [Outcome(2)], LastSuccess = At(2), FailuresInRow = 1 };
        mine.Remember(Look(incarnation: 2, revision: 50, index: 70));
        var theirs = new BackupGrainState { Outcomes = [Outcome(3), Outcome(1)], LastSuccess = At(1) };
        theirs.Remember(Look(incarnation: 1, revision: 500, index: 700));
        var both = BackupGrainState.Merge(mine, theirs);
        Assert.Equal([At(3), At(2), At(1)], both.Outcomes.Select(o => o.StartedAt));
        Assert.Equal((At(2), 1, 2, 50), (both.LastSuccess, both.FailuresInRow, both.Lineage!.Incarnation, both.Position!.Revision));
    }

    private static DateTimeOffset At(int minute) => DateTimeOffset.UnixEpoch.AddMinutes(minute);

    private static RunOutcome Outcome(int minute) => new(At(minute), 1, RunResult.Unchanged, null, null);

    private static ClusterLook Look(int incarnation, long revision, ulong index) =>
        new(new ClusterPosition("c", revision, 1, index), new Lineage("c", incarnation, $"t{incarnation}"));
}

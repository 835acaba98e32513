using EtcdBackup.ChangeLog;

namespace EtcdBackup.Simulation.Tests;

/// <summary>What the simulation found of the change log, step by step: each history ends with a log that goes on by itself.</summary>
public class ChangeLogTests
{
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(20);

    // All of them have a log.
    private static readonly int[] Seeds = [.. Enumerable.Range(0, 400).Where(s => s / 4 % 4 == 1)];

    [Fact]
    public void Restored_to_the_latest_backup_and_not_written_to() => AllHold(
        new(StepKind.BackupNow, 0, AWhile), new(StepKind.Write, 2, TimeSpan.FromSeconds(2)), new(StepKind.RestoreInPlace, 1, TimeSpan.Zero),
        new(StepKind.Quiet, 0, TimeSpan.Zero));

    [Fact]
    public void Bumped_while_it_is_idle() => AllHold(
        new(StepKind.BackupNow, 0, AWhile), new(StepKind.Bump, 0, AWhile), new(StepKind.Quiet, 0, TimeSpan.Zero));

    // The log is not blamed for it.
    [Fact]
    public void With_a_backup_that_rotted() => AllHoldAnd(
        h => Assert.DoesNotContain(h.Anchors, a => a.Kind == AnchorKind.Differs),
        new(StepKind.BackupNow, 0, AWhile), new(StepKind.RotObject, 1, TimeSpan.FromSeconds(1)), new(StepKind.Write, 2, AWhile),
        new(StepKind.BackupNow, 0, AWhile), new(StepKind.Quiet, 0, TimeSpan.Zero));

    // No stream after stream is tied to the backup of the lineage before.
    [Fact]
    public void With_a_later_lineage_whose_metadata_was_lost() => AllHoldAnd(
        h => Assert.InRange(h.Anchors.Count(), 1, 5),
        new(StepKind.BackupNow, 0, AWhile), new(StepKind.RecreateSameId, 0, AWhile), new(StepKind.BackupNow, 0, AWhile),
        new(StepKind.RotDocument, 1, TimeSpan.FromSeconds(1)), new(StepKind.Quiet, 0, TimeSpan.Zero));

    [Fact]
    public void Restored_and_written_to_up_to_where_it_was() => AllHold(
        new(StepKind.BackupNow, 0, AWhile), new(StepKind.Write, 2, AWhile), new(StepKind.Write, 2, AWhile),
        new(StepKind.RestoreOld, 1, TimeSpan.Zero), new(StepKind.Write, 2, TimeSpan.Zero), new(StepKind.Write, 2, AWhile),
        new(StepKind.Quiet, 9, TimeSpan.Zero));

    // What a revision had is no put on either side: only the deletion itself tells one history from the other.
    [Fact]
    public void Restored_to_before_a_deletion_and_deleted_from_as_often() => AllHold(
        [
            .. Writes(6), new(StepKind.BackupNow, 0, AWhile), .. Writes(7), new(StepKind.BackupNow, 0, AWhile),
            new(StepKind.RestoreOld, 1, TimeSpan.Zero), new(StepKind.Elect, 56, TimeSpan.Zero), .. Writes(7),
            new(StepKind.Write, 2, AWhile), .. Enumerable.Repeat(new Step(StepKind.Wait, 0, TimeSpan.Zero), 16),
        ]);

    // The last segment holds a deletion alone: what was put before it is in the segment before.
    [Fact]
    public void Gone_on_after_a_segment_of_deletions_and_restored_to_before_them() => AllHold(
        [
            new(StepKind.BackupNow, 0, AWhile), .. Writes(5), new(StepKind.Wait, 0, AWhile), new(StepKind.Write, 0, AWhile),
            new(StepKind.Crash, 0, TimeSpan.Zero), new(StepKind.StartSilo, 0, AWhile), new(StepKind.Wait, 0, AWhile),
            new(StepKind.Write, 0, TimeSpan.Zero), new(StepKind.RestoreOld, 1, TimeSpan.Zero), new(StepKind.Elect, 56, TimeSpan.Zero),
            .. Writes(6), new(StepKind.Write, 2, AWhile), .. Enumerable.Repeat(new Step(StepKind.Wait, 0, TimeSpan.Zero), 16),
        ]);

    // Every seventh change is a deletion.
    private static IEnumerable<Step> Writes(int count) => Enumerable.Repeat(new Step(StepKind.Write, 0, TimeSpan.Zero), count);

    private static void AllHold(params Step[] steps) => AllHoldAnd(_ => { }, steps);

    private static void AllHoldAnd(Action<History> also, params Step[] steps) => Assert.All(Seeds, seed =>
    {
        var history = new History(seed).Run(steps);
        Assert.Null(history.Violation);
        also(history);
    });
}

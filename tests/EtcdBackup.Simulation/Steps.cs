namespace EtcdBackup.Simulation;

/// <summary>What can happen.</summary>
internal enum StepKind
{
    Wait, Write, WriteMuch, Elect, Lag, CutOff, KillMember, HealMembers, RestoreInPlace, RestoreOld, RestoreElsewhere, RestoreOthers,
    Recreate, RecreateSameId, Bump, Compact,
    Alarm, Damage, Differ, BreakStream, StickEtcd,
    SlowStore, FailStore, HangStore, LateListings, HealStore, RotObject, RotDocument, LoseObject, LoseDocument, RefuseDeletes, IgnoreNames,
    FailState, HangState, HealState, LoseState, RollBackState,
    OlderFile, SilentFile, EmptyFile, NoFile, HealFiles, LoseDirectory, RollBackDirectory, RestartDirectory,
    Crash, StartSilo, Duplicate, Join,
    MaxBackups, Unname, Remove, RemoveWithBackups, Register,
    BackupNow, BackupNowTwice, Delete, DeleteForced, DeleteTwo, Verify, Status, Quiet,
}

/// <summary>Something that happens, and how long it is until the next thing.</summary>
/// <param name="Kind">What.</param>
/// <param name="A">Chance for it.</param>
/// <param name="Wait">The time after it.</param>
internal sealed record Step(StepKind Kind, int A, TimeSpan Wait)
{
    private static readonly (StepKind Kind, int Weight)[] Weights =
    [
        (StepKind.Wait, 10), (StepKind.Write, 24), (StepKind.WriteMuch, 4), (StepKind.Elect, 3), (StepKind.Lag, 4), (StepKind.CutOff, 3),
            (StepKind.KillMember, 3),
        (StepKind.HealMembers, 6), (StepKind.RestoreInPlace, 4), (StepKind.RestoreOld, 3), (StepKind.RestoreElsewhere, 2),
            (StepKind.RestoreOthers, 2), (StepKind.Recreate, 2),
        (StepKind.RecreateSameId, 1), (StepKind.Bump, 1), (StepKind.Compact, 2),
            (StepKind.Alarm, 2), (StepKind.Damage, 2), (StepKind.Differ, 2), (StepKind.BreakStream, 2),
            (StepKind.StickEtcd, 2),
        (StepKind.SlowStore, 2), (StepKind.FailStore, 3), (StepKind.HangStore, 3), (StepKind.LateListings, 3), (StepKind.HealStore, 8),
            (StepKind.RotObject, 3),
        (StepKind.RotDocument, 2), (StepKind.LoseObject, 2), (StepKind.LoseDocument, 2), (StepKind.RefuseDeletes, 2),
            (StepKind.IgnoreNames, 1),
        (StepKind.FailState, 2), (StepKind.HangState, 2), (StepKind.HealState, 5), (StepKind.LoseState, 2), (StepKind.RollBackState, 3),
        (StepKind.OlderFile, 3), (StepKind.SilentFile, 1), (StepKind.EmptyFile, 1), (StepKind.NoFile, 1), (StepKind.HealFiles, 4),
        (StepKind.LoseDirectory, 1), (StepKind.RollBackDirectory, 1), (StepKind.RestartDirectory, 2),
        (StepKind.Crash, 4), (StepKind.StartSilo, 4), (StepKind.Duplicate, 3), (StepKind.Join, 4),
        (StepKind.MaxBackups, 3), (StepKind.Unname, 2), (StepKind.Remove, 1), (StepKind.RemoveWithBackups, 1), (StepKind.Register, 4),
        (StepKind.BackupNow, 8), (StepKind.BackupNowTwice, 3), (StepKind.Delete, 3), (StepKind.DeleteForced, 2), (StepKind.DeleteTwo, 2),
            (StepKind.Verify, 4), (StepKind.Status, 4),
        (StepKind.Quiet, 5),
    ];

    private static readonly int All = Weights.Sum(w => w.Weight);

    /// <summary>The steps of a seed. Each history ends quietly.</summary>
    public static IReadOnlyList<Step> Of(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count - 1).Select(_ => One(random)), new Step(StepKind.Quiet, 0, TimeSpan.Zero)];
    }

    public override string ToString() => $"{Kind} ({A}), then {Wait.TotalSeconds:0.000} s";

    private static Step One(Random random)
    {
        var at = random.Next(All);
        var kind = Weights.First(w => (at -= w.Weight) < 0).Kind;

        // Most things come close together, some far apart.
        var wait = random.Next(
            10) switch
        { < 4 => random.Next(0, 500), < 9 => random.Next(500, 20_000), _ => random.Next(20_000, 150_000) };
        return new Step(kind, random.Next(1 << 20), TimeSpan.FromMilliseconds(wait));
    }
}

namespace EtcdBackup.Simulation.Tests;

public class SimulationTests
{
    private const int Steps = 100;

    [Fact]
    public void Whatever_happens_all_invariants_hold()
    {
        var histories = new Histories(from: 1, Steps);
        var failed = histories.Run(TimeSpan.FromHours(1), most: 2000);
        TestContext.Current.TestOutputHelper?.WriteLine(histories.Summary);
        Assert.True(failed is null, failed is { } f ? $"seed {f.Seed}: {f.Violation}{Environment.NewLine}{Shrinker.Tell(f.Seed, Steps)}"
            : "");
    }

    [Theory]
    [InlineData(nameof(Planted.RemovesTheNewest), "I1")]
    [InlineData(nameof(Planted.LosesWhatItTold), "I2")]
    [InlineData(nameof(Planted.StopsTheClock), "I3")]
    [InlineData(nameof(Planted.AnswersThePast), "I4")]
    [InlineData(nameof(Planted.NotesNoLastPut), "I4")]
    [InlineData(nameof(Planted.TakesWhatIsNotSound), "I5")]
    [InlineData(nameof(Planted.InfersRemoval), "I6")]
    [InlineData(nameof(Planted.ForgetsConflicts), "I7")]
    [InlineData(nameof(Planted.SharesOneSlot), "I8")]
    [InlineData(nameof(Planted.HidesABackup), "I9")]
    [InlineData(nameof(Planted.TellsAnother), "I10")]
    public void Each_invariant_is_watched(string planted, string invariant) =>
        Assert.Contains(Enumerable.Range(0, 3000), seed =>
            new History(seed, Enum.Parse<Planted>(planted))
                .Run(Step.Of(seed, Steps)).Violation?.Contains($"  {invariant}:", StringComparison.Ordinal) is true);

    [Fact]
    public void What_was_found_damaged_is_taken_again_though_the_store_refused_the_note()
    {
        Step[] steps =
        [
            new(StepKind.BackupNow, 0, TimeSpan.FromSeconds(20)),
            new(StepKind.RotObject, 1, TimeSpan.FromSeconds(1)),
            new(StepKind.FailStore, 0, TimeSpan.FromMilliseconds(1)),
            new(StepKind.Verify, 0, TimeSpan.FromSeconds(5)),
            new(StepKind.Quiet, 1, TimeSpan.Zero),
        ];
        Assert.All(Enumerable.Range(0, 100), seed => Assert.Null(new History(seed).Run(steps).Violation));
    }

    [Fact]
    public void A_seed_is_a_history()
    {
        var (one, two) = (new List<string>(), new List<string>());
        _ = new History(7, tell: one.Add).Run(Step.Of(7, Steps));
        _ = new History(7, tell: two.Add).Run(Step.Of(7, Steps));
        Assert.Equal(one, two);
    }

    [Fact]
    public void A_failing_history_is_told_short()
    {
        var seed = Enumerable.Range(0, 100)
            .First(s => new History(s, Planted.RemovesTheNewest).Run(Step.Of(s, Steps)).Violation is not null);
        var story = Shrinker.Tell(seed, Steps, Planted.RemovesTheNewest);
        Assert.Contains("VIOLATION", story, StringComparison.Ordinal);
        Assert.True(int.Parse(story.Split(' ')[0], null) < Steps / 2, story);
    }
}

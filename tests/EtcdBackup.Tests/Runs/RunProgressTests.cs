using EtcdBackup.Runs;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.Runs;

public class RunProgressTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_run_begins_with_asking_the_members_and_nothing_received()
    {
        var progress = new RunProgress(_time);
        Assert.Equal((RunStage.Listing, 0, 0), (progress.Stage, progress.Bytes, progress.ExpectedBytes));
        Assert.Equal(_time.GetUtcNow(), progress.StartedAt);
    }

    [Fact]
    public void A_run_stands_still_while_neither_stage_nor_bytes_change()
    {
        var progress = new RunProgress(_time);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), progress.Still);
        progress.Stage = RunStage.Proving;
        Assert.Equal((RunStage.Proving, TimeSpan.Zero), (progress.Stage, progress.Still));
        _time.Advance(TimeSpan.FromSeconds(2));
        progress.Bytes = 7;
        Assert.Equal((7, TimeSpan.Zero), (progress.Bytes, progress.Still));
        _time.Advance(TimeSpan.FromSeconds(1));

        // What is expected is no progress.
        progress.ExpectedBytes = 9;
        Assert.Equal((9, TimeSpan.FromSeconds(1)), (progress.ExpectedBytes, progress.Still));
    }

    [Theory]
    [InlineData(RunStage.Waiting, null)]
    [InlineData(RunStage.Verifying, null)]
    [InlineData(RunStage.Listing, 300)]
    [InlineData(RunStage.Proving, 300)]
    [InlineData(RunStage.Committing, 300)]
    [InlineData(RunStage.Probing, 40)]
    [InlineData("another", 40)]
    public void Stages_that_are_long_in_one_piece_may_stand_still_longer(string stage, int? seconds) =>
        Assert.Equal(seconds, new RunLimits(TimeSpan.FromSeconds(10)).Of(stage)?.TotalSeconds);
}

using EtcdBackup.Runs;

namespace EtcdBackup.Tests.Runs;

public class StopSignalTests
{
    [Fact]
    public async Task Running_work_may_end_and_nothing_new_begins()
    {
        using var stop = new StopSignal();
        var work = stop.TryBegin();
        Assert.NotNull(work);
        var stopping = stop.StopAsync(TimeSpan.FromMinutes(5));
        Assert.Null(stop.TryBegin());
        Assert.True(stop.Stopping.IsCancellationRequested);
        Assert.False(stop.Cut.IsCancellationRequested);
        work.Dispose();
        Assert.True(await stopping);
        Assert.True(stop.Cut.IsCancellationRequested);
    }

    [Fact]
    public async Task What_does_not_end_within_the_grace_is_cut_off()
    {
        using var stop = new StopSignal();
        using var work = stop.TryBegin();
        Assert.False(await stop.StopAsync(TimeSpan.FromMilliseconds(20)));
        Assert.True(stop.Cut.IsCancellationRequested);
    }

    [Fact]
    public async Task What_ended_before_does_not_count_as_the_end_of_what_runs()
    {
        using var stop = new StopSignal();
        stop.TryBegin()!.Dispose();
        using var work = stop.TryBegin();
        Assert.False(await stop.StopAsync(TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public async Task With_nothing_running_it_ends_at_once()
    {
        using var stop = new StopSignal();
        stop.TryBegin()!.Dispose();
        Assert.True(await stop.StopAsync(TimeSpan.FromMinutes(5)));
    }
}

using EtcdBackup.ChangeLog;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.ChangeLog;

public class SignalTests
{
    [Fact]
    public async Task It_wakes_once_however_often_it_was_told()
    {
        var time = new FakeTimeProvider();
        var signal = new Signal(time);
        signal.Tell();
        signal.Tell();
        Assert.True(await signal.WaitAsync(TimeSpan.FromSeconds(1), default));
        var again = signal.WaitAsync(TimeSpan.FromSeconds(1), default);
        Assert.False(again.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await again);
        var told = signal.WaitAsync(TimeSpan.FromSeconds(1), default);
        signal.Tell();
        Assert.True(await told);
        using var ended = new CancellationTokenSource();
        var waiting = signal.WaitAsync(TimeSpan.FromSeconds(1), ended.Token);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}

using EtcdBackup.ChangeLog;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.ChangeLog;

public class TurnTests
{
    [Fact]
    public async Task One_comes_after_the_other_and_who_gives_up_or_fails_holds_up_nobody()
    {
        var turn = new Turn();
        var (gate, done) = (new TaskCompletionSource(), new List<int>());
        using var gaveUp = new CancellationTokenSource();
        var first = turn.DoAsync(() => gate.Task, default);
        var second = turn.DoAsync(() => Add(2), gaveUp.Token);
        var third = turn.DoAsync(
            async () =>
            {
                await Add(3);
                throw new InvalidDataException();
            },
            default);
        var fourth = turn.DoAsync(() => Add(4), default);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted || fourth.IsCompleted);
        gate.SetResult();
        await first;
        await Assert.ThrowsAsync<InvalidDataException>(() => third);
        await fourth;
        Assert.Equal([3, 4], done);

        Task Add(int number)
        {
            done.Add(number);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_signal_wakes_once_however_often_it_was_told()
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

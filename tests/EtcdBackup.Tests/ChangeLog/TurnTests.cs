using EtcdBackup.ChangeLog;

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
}

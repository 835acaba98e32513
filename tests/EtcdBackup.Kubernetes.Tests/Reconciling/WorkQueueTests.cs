using System.Collections.Concurrent;
using EtcdBackup.Kubernetes.Reconciling;
using EtcdBackup.Testing;

namespace EtcdBackup.Kubernetes.Tests.Reconciling;

public sealed class WorkQueueTests : IDisposable
{
    private readonly WorkQueue<string> _queue = new(TimeProvider.System);
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    [Fact]
    public async Task One_key_is_never_worked_on_twice_at_once_and_comes_again_when_it_was_added_meanwhile()
    {
        var (running, most, done) = (0, 0, 0);
        var go = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        Run(4, async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            started.TrySetResult();
            await go.Task;
            Interlocked.Decrement(ref running);
            Interlocked.Increment(ref done);
        });
        _queue.Add("a");
        await started.Task;
        for (var i = 0; i < 100; i++)
        {
            _queue.Add("a");
        }

        go.SetResult();
        await Workspace.UntilAsync(() => Task.FromResult(done == 2), "the first, and once more");
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task What_failed_comes_again_and_holds_up_no_other()
    {
        var tries = new ConcurrentQueue<string>();
        Run(1, key =>
        {
            tries.Enqueue(key);
            return key == "bad" && tries.Count(k => k == "bad") < 3 ? throw new InvalidOperationException("no") : Task.CompletedTask;
        });
        _queue.Add("bad");
        _queue.Add("good");
        await Workspace.UntilAsync(() => Task.FromResult(tries.Count(k => k == "bad") == 3), "three tries");
        Assert.Equal(["bad", "good", "bad", "bad"], tries);
    }

    private void Run(int workers, Func<string, Task> work)
    {
        for (var i = 0; i < workers; i++)
        {
            _ = _queue.RunAsync(work, (_, _, _) => { }, _stop.Token);
        }
    }
}

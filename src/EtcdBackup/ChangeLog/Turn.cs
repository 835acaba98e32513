namespace EtcdBackup.ChangeLog;

/// <summary>
/// Lets in one at a time, in the order in which they came. Unlike a semaphore it never leaves the thread of a simulation.
/// </summary>
internal sealed class Turn
{
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Does something when all before it is done.</summary>
    public async Task DoAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource();
        Task before;
        lock (_lock)
        {
            (before, _last) = (_last, mine.Task);
        }

        try
        {
            if (!before.IsCompleted)
            {
                // Whoever had the turn goes on first.
                await before.WaitAsync(cancellationToken);
                await Task.Yield();
            }

            await work();
        }
        finally
        {
            // Who gave up waiting leaves the turn to the next when it would have come.
            _ = before.ContinueWith(
                _ => mine.SetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}

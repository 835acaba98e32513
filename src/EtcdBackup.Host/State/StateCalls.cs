using System.Diagnostics.CodeAnalysis;

namespace EtcdBackup.Host.State;

/// <summary>
/// How a state store is called: not on the caller's thread, for a driver may hold that until the store has answered (SQLite's does,
/// whatever its methods are called), and a grain's turn with it; so many at once; and not for longer than a limit.
/// </summary>
/// <param name="atOnce">How many calls at once; the others wait.</param>
/// <param name="holdsThread">Whether the calls have threads of their own, so that they take none of those that the silo works with.</param>
/// <param name="limit">How long a call may wait, and how long it may take with that.</param>
[SuppressMessage("Design", "CA1001", Justification = "As old as the process; a call that hangs lets go of its place after all else ended")]
internal sealed class StateCalls(int atOnce, bool holdsThread, TimeSpan limit)
{
    private readonly SemaphoreSlim _free = new(atOnce);
    private readonly TaskScheduler _threads = holdsThread ? new OwnThreads(atOnce) : TaskScheduler.Default;

    /// <summary>Calls the store. One that is given up goes on by itself, and its answer is dropped.</summary>
    /// <exception cref="TimeoutException">There was no answer within the limit.</exception>
    public async Task<T> AskAsync<T>(Func<Task<T>> call)
    {
        T answer = default!;
        await WithinLimitAsync(RunAsync(async () => answer = await call()));
        return answer;
    }

    /// <summary>Calls the store; done when it is, however long that takes.</summary>
    /// <exception cref="TimeoutException">Its turn did not come within the limit: the store was not called.</exception>
    // From the first await on away from the caller's turn: one that does not come to its end must not keep the place that it holds here.
    public async Task RunAsync(Func<Task> call)
    {
        if (!await _free.WaitAsync(limit).ConfigureAwait(false))
        {
            throw new TimeoutException($"the state store was busy with other calls for {limit.TotalSeconds:0} s");
        }

        try
        {
            await Start(call).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for a call as long as one may take.</summary>
    /// <exception cref="TimeoutException">That was not long enough.</exception>
    public async Task WithinLimitAsync(Task call)
    {
        try
        {
            await call.WaitAsync(limit);
        }
        catch (TimeoutException) when (!call.IsCompleted)
        {
            call.Ignore();
            throw new TimeoutException($"the state store did not answer for {limit.TotalSeconds:0} s");
        }
    }

    private Task Start(Func<Task> call) => Task.Factory.StartNew(
        call, CancellationToken.None, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.HideScheduler, _threads).Unwrap();
}

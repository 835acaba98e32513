using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;

namespace EtcdBackup.Host.State;

/// <summary>
/// Calls a state store with three limits. Not on the caller's thread: a driver may block it, and a grain's turn with it, until the store
/// has answered (SQLite's does, also in its async methods). At most N calls at once. Not for longer than a time limit.
/// </summary>
/// <param name="atOnce">How many calls at once; the others wait.</param>
/// <param name="holdsThread">Whether the calls get threads of their own, so that they block none of the silo's.</param>
/// <param name="limit">The time limit of a call, including its wait.</param>
/// <param name="kind">What the calls do, for metrics.</param>
[SuppressMessage("Design", "CA1001", Justification = "As old as the process; a call that hangs lets go of its place after all else ended")]
internal sealed class StateCalls(int atOnce, bool holdsThread, TimeSpan limit, string kind = "read")
{
    private static readonly Meter Meter = new("etcdbackup");

    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        "etcdbackup.state.call.duration", "s", "How long a call of the state store took, with its wait, by its result.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] });

    private readonly SemaphoreSlim _free = new(atOnce);
    private readonly TaskScheduler _threads = holdsThread ? new OwnThreads(atOnce) : TaskScheduler.Default;

    /// <summary>Calls the store. A call that is given up continues by itself, and its answer is dropped.</summary>
    /// <exception cref="TimeoutException">There was no answer within the limit.</exception>
    public async Task<T> AskAsync<T>(Func<Task<T>> call)
    {
        T answer = default!;
        await WithinLimitAsync(RunAsync(async () => answer = await call()));
        return answer;
    }

    /// <summary>Calls the store, and ends when the call ends, however long that takes.</summary>
    /// <exception cref="TimeoutException">Its turn did not come within the limit: the store was not called.</exception>
    // Outside the caller's turn from the first await on: a turn that never ends must not keep the place of this call.
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

    /// <summary>Waits for a call until the time limit.</summary>
    /// <exception cref="TimeoutException">The call did not end within the limit.</exception>
    public async Task WithinLimitAsync(Task call)
    {
        var (since, result) = (Stopwatch.GetTimestamp(), "failed");
        try
        {
            await call.WaitAsync(limit);
            result = "ok";
        }
        catch (TimeoutException) when (!call.IsCompleted)
        {
            call.Ignore();
            throw new TimeoutException($"the state store did not answer for {limit.TotalSeconds:0} s");
        }
        finally
        {
            Durations.Record(Stopwatch.GetElapsedTime(since).TotalSeconds, new("kind", kind), new("result", result));
        }
    }

    private Task Start(Func<Task> call) => Task.Factory.StartNew(
        call, CancellationToken.None, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.HideScheduler, _threads).Unwrap();
}

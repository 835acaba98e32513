using System.Collections.Concurrent;
using System.Globalization;

namespace EtcdBackup.Stores;

/// <summary>
/// Limits calls that may never end: a server that accepts a connection and sends nothing, an SDK that ignores its token, a mount that
/// blocks its thread. A call without a sign of life for too long is cancelled and abandoned; a result that comes later is disposed.
/// </summary>
/// <param name="where">The store, for the message.</param>
/// <param name="silence">How long a call may bring nothing.</param>
/// <param name="time">Measures it.</param>
internal sealed class SilenceLimit(string where, TimeSpan silence, TimeProvider time)
{
    /// <summary>
    /// How many times longer slow calls may take: completing an upload, copying an object, a last fsync.
    /// </summary>
    public const int Patience = 10;

    // Each may block a thread for ever. A store with this many of them is down, and more would only use up the process. Of one place in
    // it far fewer are enough: the volume of one cluster may hang alone.
    private const int MostLeft = 128;
    private const int MostLeftInOnePlace = 8;
    private const int Steps = 4;
    private const string Advice = "Look whether its server or its mount answers and the network lets us through; the next run tries again";
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(5);

    private readonly SilenceLimit? _whole;
    private readonly TimeSpan _grace = silence < LongestGrace ? silence : LongestGrace;
    private ConcurrentDictionary<string, SilenceLimit>? _places;
    private int _left;

    private SilenceLimit(SilenceLimit whole, string where, TimeSpan silence, TimeProvider time)
        : this(where, silence, time) => _whole = whole;

    /// <summary>The limit of one place in the store: its calls that hang do not keep those of other places from being made.</summary>
    /// <param name="place">The place.</param>
    public SilenceLimit In(string place) => LazyInitializer.EnsureInitialized(ref _places)
        .GetOrAdd(place, _ => new SilenceLimit(this, where, silence, time));

    /// <summary>Runs a call, away from the caller's thread.</summary>
    /// <param name="what">What is asked for, for the message.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Gives up; the call has a moment to end by itself, so that its outcome is known.</param>
    /// <param name="patience">How many times the silence it may last.</param>
    /// <param name="signs">Counts signs of life: the limit begins anew with each.</param>
    /// <param name="onLeft">Called with the call when it is abandoned.</param>
    /// <exception cref="StoreException">It brought nothing for too long.</exception>
    public Task<T> RunAsync<T>(
        string what,
        Func<CancellationToken, Task<T>> call,
        CancellationToken cancellationToken,
        int patience = 1,
        Func<long>? signs = null,
        Action<Task>? onLeft = null) =>
        WatchAsync(what, cancel => Task.Run(() => call(cancel), CancellationToken.None), cancellationToken, patience, signs, onLeft);

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(
        string what, Func<CancellationToken, Task> call, CancellationToken cancellationToken, int patience = 1, Func<long>? signs = null) =>
        RunAsync(
            what,
            async cancel =>
            {
                await call(cancel);
                return true;
            },
            cancellationToken,
            patience,
            signs);

    /// <summary>Like <see cref="RunAsync{T}"/>, for a call that never blocks its caller's thread.</summary>
    public async Task<T> WatchAsync<T>(
        string what,
        Func<CancellationToken, Task<T>> call,
        CancellationToken cancellationToken,
        int patience = 1,
        Func<long>? signs = null,
        Action<Task>? onLeft = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Full() is { } left)
        {
            throw new StoreException($"{where} is not asked for {what}: {left} calls that it never answered still hang. {Advice}");
        }

        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = call(stop.Token);
        if (!await EndsAsync(work, patience, signs, stop, cancellationToken))
        {
            Count(1);
            onLeft?.Invoke(work);
            _ = LeaveAsync(work, stop);
            cancellationToken.ThrowIfCancellationRequested();
            var seconds = (silence * patience).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            throw new StoreException($"{where} brought nothing for {seconds} s when asked for {what}. {Advice}");
        }

        using (stop)
        {
            return await OutcomeAsync(what, work, cancellationToken);
        }
    }

    // How many hang, if those are too many.
    private int? Full()
    {
        var left = Volatile.Read(ref _left);
        return left >= (_whole is null ? MostLeft : MostLeftInOnePlace) ? left : _whole?.Full();
    }

    private void Count(int more)
    {
        Interlocked.Add(ref _left, more);
        _whole?.Count(more);
    }

    private async Task<T> OutcomeAsync<T>(string what, Task<T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // the SDK's own limits
            throw new StoreException($"{where} did not answer in time when asked for {what}. {Advice}", e);
        }
    }

    private async Task<bool> EndsAsync(
        Task work, int patience, Func<long>? signs, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        var steps = signs is null ? 1 : Steps;
        var seen = signs?.Invoke();
        for (var quiet = 0; quiet < steps;)
        {
            await WaitAsync(work, silence * patience / steps, cancellationToken);
            if (work.IsCompleted)
            {
                return true;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                await WaitAsync(work, _grace, CancellationToken.None);
                return work.IsCompleted;
            }

            var now = signs?.Invoke();
            quiet = now == seen ? quiet + 1 : 0;
            seen = now;
        }

        // Not awaited: the callback may block too.
        _ = stop.CancelAsync();
        return work.IsCompleted;
    }

    private async Task WaitAsync(Task work, TimeSpan limit, CancellationToken cancellationToken) =>
        await work.WaitAsync(limit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task LeaveAsync<T>(Task<T> work, CancellationTokenSource stop)
    {
        await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Count(-1);
        stop.Dispose();
        if (work.IsCompletedSuccessfully)
        {
            await (work.Result switch
            {
                IAsyncDisposable late => late.DisposeAsync(),
                IDisposable late => Close(late),
                _ => ValueTask.CompletedTask,
            });
        }
    }

    private static ValueTask Close(IDisposable late)
    {
        late.Dispose();
        return ValueTask.CompletedTask;
    }
}

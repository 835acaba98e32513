namespace EtcdBackup.Runs;

/// <summary>The end of the process, in two steps: no new work begins, and after the grace running work is cancelled.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cut = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _running;

    /// <summary>Cancelled when no new work may begin.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Cancelled when running work has to end.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>Counts a piece of work until disposed; null if no more may begin.</summary>
    public IDisposable? TryBegin()
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return null;
            }

            _running++;
            return new Work(this);
        }
    }

    /// <summary>Lets nothing new begin, waits for running work, and cancels it when the grace is over.</summary>
    /// <returns>Whether all work ended by itself.</returns>
    public async Task<bool> StopAsync(TimeSpan grace)
    {
        lock (_gate)
        {
            _stopping.Cancel();
            if (_running == 0)
            {
                _idle.TrySetResult();
            }
        }

        var ended = await Task.WhenAny(_idle.Task, Task.Delay(grace)) == _idle.Task;
        await _cut.CancelAsync();
        return ended;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _cut.Dispose();
    }

    private void End()
    {
        lock (_gate)
        {
            if (--_running == 0 && _stopping.IsCancellationRequested)
            {
                _idle.TrySetResult();
            }
        }
    }

    private sealed class Work(StopSignal signal) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                signal.End();
            }
        }
    }
}

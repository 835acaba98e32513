namespace EtcdBackup.ChangeLog;

/// <summary>Wakes the one who waits. Telling it several times before that counts once.</summary>
/// <param name="time">The clock.</param>
internal sealed class Signal(TimeProvider time)
{
    private TaskCompletionSource _told = new();

    /// <summary>Wakes it, at once or when it waits next.</summary>
    public void Tell() => _told.TrySetResult();

    /// <summary>Waits to be told, or until the time is over.</summary>
    /// <returns>Whether it was told.</returns>
    public async Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var told = _told.Task;
        await told.WaitAsync(longest, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        cancellationToken.ThrowIfCancellationRequested();
        if (!told.IsCompleted)
        {
            return false;
        }

        // What is told from now on is for the next time. Whoever told it goes on first.
        _told = new TaskCompletionSource();
        await Task.Yield();
        return true;
    }
}

using Orleans.Storage;

namespace EtcdBackup.Grains;

/// <summary>
/// A grain's state and how it is saved. Writes run one after the other (two at once would carry one etag), each has a time limit, and
/// if another activation wrote meanwhile, both states are merged.
/// </summary>
/// <param name="state">The saved state.</param>
/// <param name="merge">Merges the states of this activation and another one: mine, theirs.</param>
/// <param name="limit">How long the state store may take.</param>
/// <param name="time">The clock.</param>
internal sealed class SavedState<T>(IPersistentState<T> state, Func<T, T, T> merge, TimeSpan limit, TimeProvider time)
{
    private const int TriesAtMost = 4;

    private Task _saving = Task.CompletedTask;

    /// <summary>The state in memory.</summary>
    public T Value
    {
        get => state.State;
        set => state.State = value;
    }

    /// <summary>Whether the last write failed: the state in memory is not what is stored.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>Whether no write is in progress.</summary>
    public bool IsIdle => _saving.IsCompleted;

    /// <summary>Writes the state as it is when its turn comes.</summary>
    /// <exception cref="TimeoutException">The state store did not answer in time.</exception>
    public Task SaveAsync() => _saving = SaveAfterAsync(_saving);

    private async Task SaveAfterAsync(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        IsDirty = true;
        for (var tries = 1; !await TryWriteAsync(); tries++)
        {
            if (tries == TriesAtMost)
            {
                throw new TimeoutException("another activation writes the state again and again: it is saved with the next run");
            }
        }

        IsDirty = false;
    }

    private async Task<bool> TryWriteAsync()
    {
        try
        {
            await state.WriteStateAsync().WaitAsync(limit, time);
            return true;
        }
        catch (InconsistentStateException)
        {
            var mine = state.State;
            await state.ReadStateAsync().WaitAsync(limit, time);

            // A missing row does not mean removal: that would be a row that says so.
            state.State = state.RecordExists ? merge(mine, state.State) : mine;
            return false;
        }
    }
}

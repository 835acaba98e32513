using Orleans.Storage;

namespace EtcdBackup.Grains;

/// <summary>
/// A grain's state and its saving. Writes go one after the other (two at once would carry one etag), none lasts longer than a limit, and
/// where another activation wrote meanwhile both are merged.
/// </summary>
/// <param name="state">Where it is kept.</param>
/// <param name="merge">Adds up what this activation and another one know: mine, theirs.</param>
/// <param name="limit">How long the state store may take.</param>
/// <param name="time">The clock.</param>
internal sealed class SavedState<T>(IPersistentState<T> state, Func<T, T, T> merge, TimeSpan limit, TimeProvider time)
{
    private const int TriesAtMost = 4;

    private Task _saving = Task.CompletedTask;

    /// <summary>The state as it is known here.</summary>
    public T Value
    {
        get => state.State;
        set => state.State = value;
    }

    /// <summary>Whether the last write failed: what is here is not what is stored.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>Whether no write is under way.</summary>
    public bool IsIdle => _saving.IsCompleted;

    /// <summary>Writes what is known when its turn comes.</summary>
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

            // A row that is gone is no removal: that would be a row that says so.
            state.State = state.RecordExists ? merge(mine, state.State) : mine;
            return false;
        }
    }
}

using Orleans.Storage;

namespace EtcdBackup.Host.State;

/// <summary>
/// Grain state whose store is called away from the grain's turn. The store gets a state of its own, for the grain goes on and changes its
/// own meanwhile; what comes back is taken over in the grain's turn.
/// </summary>
internal sealed class GuardedGrainStorage(IGrainStorage inner, IGrainStorageSerializer serializer, StateCalls reads, StateCalls writes)
    : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) => (inner as ILifecycleParticipant<ISiloLifecycle>)?.Participate(observer);

    /// <inheritdoc/>
    // Given up, it changes nothing any more: what the grain learned since would be lost.
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var asked = new GrainState<T>(grainState.State, grainState.ETag) { RecordExists = grainState.RecordExists };
        var read = await reads.AskAsync(async () =>
        {
            await inner.ReadStateAsync(stateName, grainId, asked);
            return asked;
        });
        (grainState.State, grainState.ETag, grainState.RecordExists) = (read.State, read.ETag, read.RecordExists);
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var sent = new GrainState<T>(serializer.Deserialize<T>(serializer.Serialize(grainState.State)), grainState.ETag)
        {
            RecordExists = grainState.RecordExists,
        };
        return ChangeAsync(grainState, sent, () => inner.WriteStateAsync(stateName, grainId, sent));
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var sent = new GrainState<T>(grainState.State, grainState.ETag) { RecordExists = grainState.RecordExists };
        return ChangeAsync(grainState, sent, () => inner.ClearStateAsync(stateName, grainId, sent));
    }

    private Task ChangeAsync<T>(IGrainState<T> grainState, GrainState<T> sent, Func<Task> change)
    {
        var before = grainState.ETag;
        return writes.WithinLimitAsync(ThenTakeAsync());

        // A change that was given up may come true late. The next one has to know, or it would pass for another activation's.
        async Task ThenTakeAsync()
        {
            await writes.RunAsync(change);
            if (grainState.ETag == before)
            {
                (grainState.ETag, grainState.RecordExists) = (sent.ETag, sent.RecordExists);
            }
        }
    }
}

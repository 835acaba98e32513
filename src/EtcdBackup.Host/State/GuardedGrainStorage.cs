using Orleans.Storage;

namespace EtcdBackup.Host.State;

/// <summary>
/// Grain state whose store is called outside the grain's turn. The store gets a copy of the state, because the grain continues and may
/// change it meanwhile; the answer is applied in the grain's turn.
/// </summary>
internal sealed class GuardedGrainStorage(IGrainStorage inner, IGrainStorageSerializer serializer, StateCalls reads, StateCalls writes)
    : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) => (inner as ILifecycleParticipant<ISiloLifecycle>)?.Participate(observer);

    /// <inheritdoc/>
    // The answer of a read that was given up is dropped: it would overwrite what the grain learned since.
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

        // A write that was given up may complete late. The next write needs its etag, or that write would look like another activation's.
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

using EtcdBackup.Stores;

namespace EtcdBackup.Simulation;

/// <content>Documents, deletions, and writes that are done later than told.</content>
internal sealed partial class SimStore
{
    private readonly List<Func<bool>> _left = [];

    public Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var own = content.ToArray();
        return DoAsync(() => Document(key, own), cancellationToken);
    }

    public async Task<bool> TryWriteNewAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var own = content.ToArray();
        if (!KeepsNames)
        {
            // It looks, and then writes: another may write in between.
            return !_objects.ContainsKey(key) && await DoAsync(() => Document(key, own), cancellationToken);
        }

        return await DoAsync(() => !_objects.ContainsKey(key) && Document(key, own), cancellationToken);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await DoAsync(() => Delete(key), cancellationToken);
        }
        catch (StoreException)
        {
            GivenUp?.Invoke(key);
            throw;
        }
    }

    private bool Document(string key, byte[] content)
    {
        Put(key, new SimObject { Bytes = content, Tag = NextTag(), At = world.Now, ListedFrom = ListedFrom(key) });
        Documented?.Invoke(key);
        return true;
    }

    private bool Delete(string key)
    {
        if (RefusesDeletes && !key.EndsWith(".json", StringComparison.Ordinal))
        {
            throw new DeleteRefusedException($"'{key}' is immutable");
        }

        if (Planted == Planted.RemovesTheNewest &&
            _objects.Where(o => o.Value.Content is not null).MaxBy(o => o.Value.At).Key is { } newest)
        {
            key = newest;
        }

        if (!_objects.TryGetValue(key, out var found))
        {
            return false;
        }

        Deleting?.Invoke(key);
        _objects.Remove(key);
        if (IsLate)
        {
            _ghosts.Add((key, found, world.Elapsed + TimeSpan.FromSeconds(world.Random.Next(1, 90))));
        }

        return true;
    }

    // A write that is told as failed may have been done; one that was given up may be done later.
    private async Task<bool> DoAsync(Func<bool> write, CancellationToken cancellationToken)
    {
        try
        {
            var late = await PassAsync(cancellationToken, isWrite: true);
            var isDone = write();
            late?.Invoke();
            return isDone;
        }
        catch (StoreException) when (Mood == StoreMood.Hanging && world.Chance(0.3))
        {
            _left.Add(write);
            DoLater(write, 300);
            throw;
        }
    }

    private void DoLater(Func<bool> write, int withinSeconds) => world.At(
        world.Elapsed + TimeSpan.FromSeconds(world.Random.Next(1, withinSeconds)), world.Nobody, () =>
    {
        try
        {
            _ = _left.Remove(write) && write();
        }
        catch (DeleteRefusedException)
        {
            // nobody is there any more to be told
        }
    });
}

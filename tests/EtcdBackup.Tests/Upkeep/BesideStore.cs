using EtcdBackup.Clusters;
using EtcdBackup.Stores;

namespace EtcdBackup.Tests.Upkeep;

/// <summary>A real store, beside whose user something else happens before one of its calls.</summary>
/// <param name="store">The store.</param>
/// <param name="before">What happens.</param>
/// <param name="looksFirst">It cannot create only what is absent: it looks, and then writes.</param>
internal sealed class BesideStore(IBackupStore store, Func<Task> before, bool looksFirst) : IBackupStore, IBackupStores
{
    public async IAsyncEnumerable<StoredObject> ListAsync(
        string folder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await before();
        await foreach (var found in store.ListAsync(folder, cancellationToken))
        {
            yield return found;
        }
    }

    public Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken) =>
        ThenAsync(() => store.StatAsync(key, cancellationToken));

    public Task<Stream> OpenAsync(string key, CancellationToken cancellationToken) =>
        ThenAsync(() => store.OpenAsync(key, cancellationToken));

    public Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken) =>
        ThenAsync(() => store.BeginAsync(folder, expectedSize, cancellationToken));

    public Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken) =>
        ThenAsync(() => store.ReadDocumentAsync(key, cancellationToken));

    public async Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await before();
        await store.WriteDocumentAsync(key, content, cancellationToken);
    }

    public async Task<bool> TryWriteNewAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (!looksFirst)
        {
            return await ThenAsync(() => store.TryWriteNewAsync(key, content, cancellationToken));
        }

        if (await ReadDocumentAsync(key, cancellationToken) is not null)
        {
            return false;
        }

        await WriteDocumentAsync(key, content, cancellationToken);
        return true;
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await before();
        await store.DeleteAsync(key, cancellationToken);
    }

    public Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken) =>
        ThenAsync(() => store.SweepAsync(age, cancellationToken));

    public Task CheckAsync(CancellationToken cancellationToken) => store.CheckAsync(cancellationToken);

    public ValueTask<IBackupStore> ForAsync(ClusterSpec spec, CancellationToken cancellationToken) => new(this);

    private async Task<T> ThenAsync<T>(Func<Task<T>> call)
    {
        await before();
        return await call();
    }
}

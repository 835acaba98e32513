using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores;

/// <summary>
/// The edge of every store: no call lasts for ever, and only the stores' own errors leave it. It wraps a store, so that the stores
/// themselves stay simple.
/// </summary>
/// <param name="inner">The store.</param>
/// <param name="where">Its name in messages.</param>
/// <param name="label">Its name in metrics.</param>
/// <param name="limit">How long it may be silent.</param>
/// <param name="logger">Logs harmless failures.</param>
internal sealed class StoreEdge(IBackupStore inner, string where, string label, SilenceLimit limit, ILogger logger) : IBackupStore
{
    private const int Batch = 256;

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Not the caller's token: an abandoned listing must be cancelled too.
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var items = inner.ListAsync(folder, end.Token).GetAsyncEnumerator(end.Token);
        Task? left = null;
        try
        {
            for (var more = true; more;)
            {
                var found = new List<StoredObject>();
                more = await AskAsync(
                    $"the list of '{folder}'",
                    _ => NextAsync(items, found),
                    cancellationToken,
                    signs: () => found.Count,
                    onLeft: work => left = work,
                    key: folder);
                foreach (var one in found)
                {
                    yield return one;
                }
            }
        }
        finally
        {
            await EndAsync(items, left, end);
        }
    }

    /// <inheritdoc/>
    public Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken) =>
        AskAsync($"'{key}'", cancel => inner.StatAsync(key, cancel), cancellationToken, key: key);

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(string key, CancellationToken cancellationToken) => AskAsync<Stream>(
        $"'{key}'",
        async cancel =>
        {
            var stream = await inner.OpenAsync(key, cancel);
            return new StoreEdgeStream(stream, stream.Length, where, key, LimitOf(key));
        },
        cancellationToken,
        mayBeMissing: true,
        key: key);

    /// <inheritdoc/>
    public Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken) =>
        AskAsync<IPendingObject>(
            $"room for a backup in '{folder}'",
            async cancel => new StoreEdgePending(
                await inner.BeginAsync(folder, expectedSize, cancel), where, label, folder, LimitOf(folder), logger),
            cancellationToken,
            key: folder);

    /// <inheritdoc/>
    public Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken) =>
        AskAsync($"'{key}'", cancel => inner.ReadDocumentAsync(key, cancel), cancellationToken, key: key);

    /// <inheritdoc/>
    public Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        // An abandoned call may still read it when its owner uses the memory for something else.
        var own = content.ToArray();
        return DoAsync($"the writing of '{key}'", cancel => inner.WriteDocumentAsync(key, own, cancel), cancellationToken, key);
    }

    /// <inheritdoc/>
    public Task<bool> TryWriteNewAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var own = content.ToArray();
        return AskAsync($"the writing of '{key}'", cancel => inner.TryWriteNewAsync(key, own, cancel), cancellationToken, key: key);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        DoAsync($"the deletion of '{key}'", cancel => inner.DeleteAsync(key, cancel), cancellationToken, key);

    /// <inheritdoc/>
    public Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken) =>
        AskAsync("the removal of leftovers", cancel => inner.SweepAsync(age, cancel), cancellationToken, SilenceLimit.Patience);

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken) => DoAsync("a check", inner.CheckAsync, cancellationToken);

    // As many as are ready, up to a batch: a thread switch for each would take longer than reading the directory.
    private static async Task<bool> NextAsync(IAsyncEnumerator<StoredObject> items, List<StoredObject> found)
    {
        while (found.Count < Batch)
        {
            if (!await items.MoveNextAsync())
            {
                return false;
            }

            found.Add(items.Current);
        }

        return true;
    }

    private static async Task EndAsync(IAsyncEnumerator<StoredObject> items, Task? left, CancellationTokenSource end)
    {
        if (left is { IsCompleted: false })
        {
            // It cannot be disposed while it runs.
            _ = end.CancelAsync();
            _ = left.ContinueWith(_ => items.DisposeAsync().AsTask(), TaskScheduler.Default);
            return;
        }

        end.Dispose();
        await items.DisposeAsync();
    }

    // The folder of a cluster may be a volume of its own.
    private SilenceLimit LimitOf(string key) => key.Split('/', 4) is [_, _, _, ..] parts ? limit.In(string.Join('/', parts[..3])) : limit;

    private Task<bool> DoAsync(
        string what, Func<CancellationToken, Task> call, CancellationToken cancellationToken, string key = "",
        [CallerMemberName] string operation = "") =>
        AskAsync(
            what,
            async cancel =>
            {
                await call(cancel);
                return true;
            },
            cancellationToken,
            key: key,
            operation: operation);

    private async Task<T> AskAsync<T>(
        string what,
        Func<CancellationToken, Task<T>> call,
        CancellationToken cancellationToken,
        int patience = 1,
        Func<long>? signs = null,
        Action<Task>? onLeft = null,
        bool mayBeMissing = false,
        string key = "",
        [CallerMemberName] string operation = "")
    {
        try
        {
            return await StoreMeter.MeasureAsync(
                label, operation, () => LimitOf(key).RunAsync(what, call, cancellationToken, patience, signs, onLeft));
        }
        catch (Exception e) when (StoreErrors.IsForeign(e, cancellationToken, mayBeMissing))
        {
            throw StoreErrors.Of(where, what, e);
        }
    }
}

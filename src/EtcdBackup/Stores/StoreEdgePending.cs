using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores;

/// <summary>
/// An object to write, behind the store's edge: each call is limited, and fails with the store's own errors. After a call was abandoned,
/// nothing is committed any more.
/// </summary>
internal sealed partial class StoreEdgePending(
    IPendingObject inner, string where, string label, string folder, SilenceLimit limit, ILogger logger) : IPendingObject
{
    private Task? _left;

    public string LocalPath => inner.LocalPath;

    public void Expect(string name) => inner.Expect(name);

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => await AskAsync(
        "room for more bytes",
        async cancel =>
        {
            await inner.AppendAsync(bytes, cancel);
            return true;
        },
        cancellationToken);

    public void Seal()
    {
        try
        {
            inner.Seal();
        }
        catch (Exception e) when (StoreErrors.IsForeign(e, CancellationToken.None))
        {
            throw StoreErrors.Of(where, $"the end of a backup in '{folder}'", e);
        }
    }

    public async ValueTask SealAsync(CancellationToken cancellationToken) => await AskAsync(
        "the end of it",
        async cancel =>
        {
            await inner.SealAsync(cancel);
            return true;
        },
        cancellationToken);

    public Task<bool> TryCommitAsync(string name, CancellationToken cancellationToken) =>
        StoreMeter.MeasureAsync(label, "Commit", () => AskAsync(
            $"the name '{name}'", cancel => inner.TryCommitAsync(name, cancel), cancellationToken, SilenceLimit.Patience));

    // Whatever became of the backup is known by now, and an error here would hide it: what stays is swept.
    public async ValueTask DisposeAsync()
    {
        if (_left is { IsCompleted: false } left)
        {
            _ = left.ContinueWith(_ => CloseAsync(), TaskScheduler.Default);
            return;
        }

        await CloseAsync();
    }

    private async Task CloseAsync()
    {
        try
        {
            await limit.RunAsync(
                $"the end of a backup in '{folder}'", async _ => await inner.DisposeAsync(), CancellationToken.None, SilenceLimit.Patience);
        }
        catch (Exception e)
        {
            LogLeft(logger, folder, where, e);
        }
    }

    private async Task<T> AskAsync<T>(
        string what, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken, int patience = 1)
    {
        if (_left is not null)
        {
            throw new StoreException(
                $"a call for a backup in '{folder}' of {where} was given up, so it cannot go on: the next run tries again");
        }

        what = $"{what} (a backup in '{folder}')";
        try
        {
            return inner is ILimitsItself && patience > 1
                ? await call(cancellationToken)
                : await limit.RunAsync(what, call, cancellationToken, patience, onLeft: work => _left = work);
        }
        catch (Exception e) when (StoreErrors.IsForeign(e, cancellationToken))
        {
            throw StoreErrors.Of(where, what, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What a backup in {Folder} left in {Where} could not be removed; it is swept later")]
    private static partial void LogLeft(ILogger logger, string folder, string where, Exception exception);
}

using System.Runtime.CompilerServices;
using EtcdBackup.Stores;

namespace EtcdBackup.Tests.Stores;

/// <summary>A store in which something happens before each call, told its method.</summary>
internal sealed class HookedStore(Func<string, Task> hook) : IBackupStore
{
    public Func<Stream> Content { get; init; } = () => new MemoryStream([1, 2, 3]);

    public Func<IPendingObject> Pending { get; init; } = () => new HookedPending(_ => Task.CompletedTask);

    public async IAsyncEnumerable<StoredObject> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < 3; i++)
        {
            await hook("List");
            yield return new StoredObject($"{i}", 1, default, "");
        }
    }

    public Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken) => AskAsync<StoredObject?>("Stat", null);

    public async Task<Stream> OpenAsync(string key, CancellationToken cancellationToken) => await AskAsync("Open", Content());

    public async Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken) =>
        await AskAsync("Begin", Pending());

    public Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken) => AskAsync<byte[]?>("Read", null);

    public Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => hook("Write");

    public Task<bool> TryWriteNewAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        AskAsync("WriteNew", true);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => hook("Delete");

    public Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken) => AskAsync("Sweep", 0);

    public Task CheckAsync(CancellationToken cancellationToken) => hook("Check");

    private async Task<T> AskAsync<T>(string method, T answer)
    {
        await hook(method);
        return answer;
    }
}

internal sealed class HookedPending(Func<string, Task> hook) : IPendingObject
{
    public bool IsDisposed { get; private set; }

    public string LocalPath => "none";

    public void Expect(string name)
    {
        // any name is as good
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => await hook("Append");

    public void Seal()
    {
        // nothing is kept
    }

    public async Task<bool> TryCommitAsync(string name, CancellationToken cancellationToken)
    {
        await hook("Commit");
        return true;
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}

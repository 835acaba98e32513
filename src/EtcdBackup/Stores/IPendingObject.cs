namespace EtcdBackup.Stores;

/// <summary>An object on its way into a store. Disposed without a commit it leaves nothing behind.</summary>
public interface IPendingObject : IAsyncDisposable
{
    /// <summary>The local copy of the bytes, to be read before the commit.</summary>
    string LocalPath { get; }

    /// <summary>
    /// Sets, before the first bytes, the name that the object will most likely be committed under: a store that cannot rename
    /// sends the bytes there at once. Committing under another name works too, but is slower.
    /// </summary>
    void Expect(string name);

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="StoreFullException">There is no more room.</exception>
    ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>No more bytes come: <see cref="LocalPath"/> is whole from now on. They are made durable meanwhile.</summary>
    void Seal();

    /// <summary>Like <see cref="Seal"/>, if the end may have to be awaited.</summary>
    ValueTask SealAsync(CancellationToken cancellationToken)
    {
        Seal();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Makes the bytes durable, then the object visible under <paramref name="name"/> in the folder, unless that name is taken.
    /// </summary>
    /// <returns>False when the name is taken; another one may be tried.</returns>
    Task<bool> TryCommitAsync(string name, CancellationToken cancellationToken);
}

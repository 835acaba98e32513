namespace EtcdBackup.Stores;

/// <summary>
/// Where backups live. Keys are paths with '/', relative to the store's root. Nothing half-written is ever listed,
/// and nothing is ever overwritten but small documents.
/// </summary>
public interface IBackupStore
{
    /// <summary>The objects directly in a folder; none when the folder does not exist.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string folder, CancellationToken cancellationToken);

    /// <summary>One object's size and time; null when it does not exist.</summary>
    Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Opens an object to read; the stream can seek, and where the object is a local file <c>StoredBackup.GetLocalAsync</c> knows.
    /// A read that brings less than is there throws: an end that comes early never looks like the end.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    Task<Stream> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>Begins to write an object that comes to be only when it is committed.</summary>
    /// <param name="folder">Where it will be.</param>
    /// <param name="expectedSize">About how many bytes will come.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreFullException">There is no room for so many bytes.</exception>
    Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken);

    /// <summary>Reads a small document; null when it does not exist.</summary>
    Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes a small document, replacing what was there at once or not at all.</summary>
    Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Deletes an object; it is no error when it is gone already.</summary>
    /// <exception cref="DeleteRefusedException">The store keeps it, by rule.</exception>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Removes what dead attempts left behind, when older than <paramref name="age"/>.</summary>
    /// <returns>How many leftovers went.</returns>
    Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken);

    /// <summary>Throws when the store cannot be written to.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}

/// <summary>An object in a store.</summary>
/// <param name="Name">Its name in its folder.</param>
/// <param name="Size">Bytes.</param>
/// <param name="LastModified">When it was written, UTC.</param>
/// <param name="Tag">Changes whenever the content does.</param>
public sealed record StoredObject(string Name, long Size, DateTimeOffset LastModified, string Tag)
{
    /// <summary>Changes whenever the content does. Without quotes: some servers write them in one answer and not in the other.</summary>
    public string Tag { get; } = Tag.Trim('"');
}

/// <summary>An object on its way into a store. Disposed without a commit it leaves nothing behind.</summary>
public interface IPendingObject : IAsyncDisposable
{
    /// <summary>The local copy of the bytes, to be read before the commit.</summary>
    string LocalPath { get; }

    /// <summary>
    /// Tells, before the first bytes, the name that the object will most likely be committed under: a store that cannot rename
    /// sends the bytes there at once. Another name later is right too, only slower.
    /// </summary>
    void Expect(string name);

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="StoreFullException">There is no more room.</exception>
    ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>No more bytes come: <see cref="LocalPath"/> is whole from now on. They are made durable meanwhile.</summary>
    void Seal();

    /// <summary>Like <see cref="Seal"/>, where the end may have to be waited for.</summary>
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

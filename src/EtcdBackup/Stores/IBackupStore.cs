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

namespace EtcdBackup.Stores;

/// <summary>
/// Stores backups. Keys are paths with '/', relative to the store's root. Nothing half-written is ever listed, and only small documents
/// are ever overwritten.
/// </summary>
public interface IBackupStore
{
    /// <summary>The objects directly in a folder; none when the folder does not exist.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string folder, CancellationToken cancellationToken);

    /// <summary>One object's size and time; null when it does not exist.</summary>
    Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Opens an object to read; the stream can seek, and <c>StoredBackup.GetLocalAsync</c> uses the file directly if the object is local.
    /// A read that ends too early throws: it never looks like the end of the object.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    Task<Stream> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>Begins to write an object that is visible only after its commit.</summary>
    /// <param name="folder">Where it will be.</param>
    /// <param name="expectedSize">About how many bytes will come.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreFullException">There is no room for this many bytes.</exception>
    Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken);

    /// <summary>Reads a small document; null when it does not exist.</summary>
    Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes a small document, replacing what was there at once or not at all.</summary>
    Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Writes a small document if there is none of that name yet, as far as the store can tell at once.</summary>
    /// <returns>False if there is one already.</returns>
    Task<bool> TryWriteNewAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Deletes an object; it is no error if it is gone already.</summary>
    /// <exception cref="DeleteRefusedException">The store refuses to delete it.</exception>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Removes leftovers of failed attempts that are older than <paramref name="age"/>.</summary>
    /// <returns>How many leftovers were removed.</returns>
    Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken);

    /// <summary>Throws if the store cannot be written to.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}

namespace EtcdBackup.Stores.Remote;

/// <summary>What an upload needs of a remote store. Keys are the store's own, with its prefix.</summary>
internal interface IUploadTarget
{
    /// <summary>Sends a whole small file, unless the key is taken.</summary>
    /// <returns>False when it is.</returns>
    Task<bool> TryPutAsync(string key, FileSlice file, CancellationToken cancellationToken);

    /// <summary>Begins to send an object in parts; nothing is visible before its end.</summary>
    Task<IUpload> BeginUploadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Copies an object within the store, unless the new key is taken.</summary>
    /// <param name="from">The object.</param>
    /// <param name="to">The new key.</param>
    /// <param name="size">The object's size.</param>
    /// <param name="progressed">Called for each part that was copied.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when the new key is taken.</returns>
    Task<bool> TryCopyAsync(string from, string to, long size, Action progressed, CancellationToken cancellationToken);

    /// <summary>Deletes an object.</summary>
    Task DiscardAsync(string key, CancellationToken cancellationToken);

    /// <summary>A key that is never listed among backups.</summary>
    string NewHiddenKey();

    /// <summary>Takes one of the few places for sending; dispose it to give it back.</summary>
    Task<IDisposable> EnterAsync(CancellationToken cancellationToken);
}

namespace EtcdBackup.Stores.Remote;

/// <summary>An object sent in parts; no sweep of this process removes it before it is disposed.</summary>
internal interface IUpload : IDisposable
{
    /// <summary>Where it will be.</summary>
    string Key { get; }

    /// <summary>Sends one part; parts may go side by side.</summary>
    /// <param name="number">From 0, without a gap at the end.</param>
    /// <param name="part">Its bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task SendAsync(int number, FileSlice part, CancellationToken cancellationToken);

    /// <summary>Makes the object from all parts visible, unless its key is taken.</summary>
    /// <returns>False when it is.</returns>
    Task<bool> TryCompleteAsync(CancellationToken cancellationToken);

    /// <summary>Drops what was sent.</summary>
    Task AbortAsync(CancellationToken cancellationToken);
}

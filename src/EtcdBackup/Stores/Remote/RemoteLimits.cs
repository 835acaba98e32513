namespace EtcdBackup.Stores.Remote;

/// <summary>What one remote store may take at once.</summary>
/// <param name="Parts">Parts sent side by side, of all backups together.</param>
/// <param name="Silence">How long a read may bring nothing.</param>
internal sealed record RemoteLimits(int Parts, TimeSpan Silence)
{
    /// <summary>Enough to fill a fast line, and memory for few buffers.</summary>
    public static RemoteLimits Default { get; } = new(4, TimeSpan.FromSeconds(30));
}

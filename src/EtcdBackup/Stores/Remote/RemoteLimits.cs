using EtcdBackup.Scheduling;

namespace EtcdBackup.Stores.Remote;

/// <summary>What one remote store may take at once.</summary>
/// <param name="Parts">Parts sent side by side, of all backups together.</param>
/// <param name="Silence">How long a call may bring nothing.</param>
internal sealed record RemoteLimits(int Parts, TimeSpan Silence)
{
    /// <summary>Enough to fill a fast line, and memory for few buffers.</summary>
    public static RemoteLimits Default { get; } = new(4, Defaults.Silence);

    /// <summary>What this process sends; one for all its stores, for two of them may be of one bucket.</summary>
    public LiveUploads Live { get; init; } = new();
}

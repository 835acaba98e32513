using EtcdBackup.Scheduling;

namespace EtcdBackup.Stores.Remote;

/// <summary>Limits for one remote store.</summary>
/// <param name="Parts">Parts sent side by side, of all backups together.</param>
/// <param name="Silence">How long a call may bring nothing.</param>
internal sealed record RemoteLimits(int Parts, TimeSpan Silence)
{
    /// <summary>Enough to fill a fast line with few buffers in memory.</summary>
    public static RemoteLimits Default { get; } = new(4, Defaults.Silence);

    /// <summary>The running uploads of this process; one object for all its stores, because two stores may use one bucket.</summary>
    public LiveUploads Live { get; init; } = new();
}

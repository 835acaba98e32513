using EtcdBackup.Clusters;
using EtcdBackup.Scheduling;

namespace EtcdBackup.Stores;

/// <summary>The directories of stores on this machine.</summary>
/// <param name="Volume">Root of the <see cref="StorageType.PersistentVolume"/> store.</param>
/// <param name="Scratch">Backups on their way to other stores.</param>
public sealed record StoreOptions(string Volume, string Scratch)
{
    /// <summary>The silence limit of a call to a store, or for a secret.</summary>
    public TimeSpan Silence { get; init; } = Defaults.Silence;
}

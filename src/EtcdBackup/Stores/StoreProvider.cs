using EtcdBackup.Clusters;
using EtcdBackup.Stores.FileSystem;

namespace EtcdBackup.Stores;

/// <summary>Gives the store that a backup spec names.</summary>
/// <param name="directory">Root of the <see cref="StorageType.PersistentVolume"/> store.</param>
/// <param name="time">Judges the age of leftovers.</param>
public sealed class StoreProvider(string directory, TimeProvider time)
{
    private readonly FileSystemStore _volume = new(Path.GetFullPath(directory), time);

    /// <summary>All stores in use.</summary>
    public IEnumerable<IBackupStore> All => [_volume];

    /// <summary>The store of a cluster's backups.</summary>
    public IBackupStore For(BackupSpec spec) => spec.StorageType switch
    {
        StorageType.PersistentVolume => _volume,
        _ => throw new NotSupportedException($"storageType {spec.StorageType} is not one of this build's"),
    };
}

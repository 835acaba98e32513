using EtcdBackup.Clusters;

namespace EtcdBackup.Stores;

/// <summary>Gives the store that a cluster's backup spec names.</summary>
public interface IBackupStores
{
    /// <summary>The store of a cluster's backups.</summary>
    /// <exception cref="StoreException">Its secret cannot be read.</exception>
    ValueTask<IBackupStore> ForAsync(ClusterSpec spec, CancellationToken cancellationToken);
}

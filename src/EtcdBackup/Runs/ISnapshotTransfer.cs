using EtcdBackup.Etcd;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Runs;

/// <summary>Receives a snapshot of one member into a store, and inspects and compares it.</summary>
internal interface ISnapshotTransfer
{
    /// <summary>Receives a snapshot.</summary>
    /// <exception cref="EtcdUnavailableException">The member did not give it, or is behind.</exception>
    /// <exception cref="SnapshotCorruptException">The bytes that arrived are not those that etcd sent.</exception>
    /// <exception cref="Stores.StoreException">The store failed.</exception>
    Task<ArrivedSnapshot> BringAsync(
        IEtcdCluster cluster, TransferRequest request, RunProgress progress, CancellationToken cancellationToken);
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;

namespace EtcdBackup.Upkeep;

/// <summary>Reads stored backups back.</summary>
internal interface IBackupReader
{
    /// <summary>Reads one, every byte of it.</summary>
    /// <param name="spec">Its cluster.</param>
    /// <param name="entry">Which backup.</param>
    /// <param name="isSlow">Whether to read at the speed of a scrub, so that nothing else is delayed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It could not be read, which says nothing about its bytes. <see cref="FileNotFoundException"/>: it was
    /// deleted.</exception>
    /// <exception cref="BackupKeyException">No key opens it, which says nothing about its bytes either.</exception>
    Task<ReadBack> ReadAsync(ClusterSpec spec, BackupEntry entry, bool isSlow, CancellationToken cancellationToken);
}

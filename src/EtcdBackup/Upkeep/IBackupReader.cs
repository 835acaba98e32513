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
    /// <param name="isSlow">At the pace of a scrub, so that nothing else is held up.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It could not be read: that says nothing about its bytes. <see cref="FileNotFoundException"/>: it is
    /// gone.</exception>
    /// <exception cref="BackupKeyException">There is no key that opens it: that says nothing about its bytes either.</exception>
    Task<ReadBack> ReadAsync(ClusterSpec spec, BackupEntry entry, bool isSlow, CancellationToken cancellationToken);
}

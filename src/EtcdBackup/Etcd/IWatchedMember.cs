using Etcdserverpb;

namespace EtcdBackup.Etcd;

/// <summary>What the change log asks of one member.</summary>
internal interface IWatchedMember
{
    /// <summary>Watches all keys, until it breaks.</summary>
    /// <param name="from">The first revision.</param>
    /// <param name="progressEvery">How often to ask how far the member is, so that silence is noticed.</param>
    /// <param name="take">Takes each answer; the watch waits for it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RevisionCompactedException">The member no longer has the changes from there on.</exception>
    /// <exception cref="EtcdUnavailableException">The watch broke, or went silent.</exception>
    Task WatchAsync(
        long from, TimeSpan progressEvery, Func<WatchResponse, ValueTask> take, CancellationToken cancellationToken);

    /// <summary>The seconds that a lease was granted for; null if it exists no longer, or if the member does not say.</summary>
    Task<long?> LeaseTtlAsync(long lease, CancellationToken cancellationToken);

    /// <summary>A number that grows when users or roles change; null if the member does not say (before etcd 3.5).</summary>
    Task<ulong?> AuthRevisionAsync(CancellationToken cancellationToken);
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Etcd;

/// <summary>Opens the connections to clusters.</summary>
public interface IEtcdConnections
{
    /// <summary>Prepares the connections to a cluster's members; nothing is sent yet.</summary>
    /// <exception cref="EtcdUnavailableException">A certificate, key or password cannot be used; the message names it.</exception>
    Task<IEtcdCluster> OpenAsync(ClusterSpec spec, CancellationToken cancellationToken);
}

/// <summary>A connection to each member of one etcd cluster, for one run.</summary>
public interface IEtcdCluster : IDisposable
{
    /// <summary>
    /// Asks all members at once how they are; never throws for a member that fails, its <see cref="MemberStatus.Error"/> tells.
    /// </summary>
    Task<IReadOnlyList<MemberStatus>> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes some member catch up with the cluster (a linearizable read needs a quorum and waits for its commit index), then asks it again.
    /// </summary>
    /// <returns>The fresh status of that member, or null when no member could: there is no quorum.</returns>
    Task<MemberStatus?> ConfirmAsync(IEnumerable<MemberStatus> candidates, CancellationToken cancellationToken);

    /// <summary>The revision that the cluster as a whole has: of a linearizable read.</summary>
    /// <returns>Null when no member could tell: there is no quorum.</returns>
    Task<long?> ReadRevisionAsync(IEnumerable<MemberStatus> candidates, CancellationToken cancellationToken);
}

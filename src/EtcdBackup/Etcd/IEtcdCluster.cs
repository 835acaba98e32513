using EtcdBackup.Snapshots;

namespace EtcdBackup.Etcd;

/// <summary>A connection to each member of one etcd cluster, for one run.</summary>
internal interface IEtcdCluster : IDisposable
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

    /// <summary>A linearizable read: what the cluster as a whole has.</summary>
    /// <param name="candidates">The members to ask, one after the other, until one can tell.</param>
    /// <param name="lastPut">The last put of the latest backup; null when it is not known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when no member could tell: there is no quorum.</returns>
    Task<ClusterRead?> ReadAsync(IEnumerable<MemberStatus> candidates, LastPut? lastPut, CancellationToken cancellationToken);

    /// <summary>Whether the history of these members is the one that a put is of. Needs no quorum.</summary>
    /// <returns>Null when no member can tell, and nothing speaks against it.</returns>
    Task<bool?> HoldsAsync(IEnumerable<MemberStatus> candidates, LastPut lastPut, CancellationToken cancellationToken);
}

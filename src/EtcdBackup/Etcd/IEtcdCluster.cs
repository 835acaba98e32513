using EtcdBackup.Snapshots;

namespace EtcdBackup.Etcd;

/// <summary>A connection to each member of one etcd cluster, for one run.</summary>
internal interface IEtcdCluster : IDisposable
{
    /// <summary>
    /// Probes all members at once; never throws for a member that fails, but sets its <see cref="MemberStatus.Error"/>.
    /// </summary>
    Task<IReadOnlyList<MemberStatus>> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes some member catch up with the cluster (a linearizable read needs a quorum and waits for its commit index), then asks it again.
    /// </summary>
    /// <returns>The fresh status of that member, or null when no member could: there is no quorum.</returns>
    Task<MemberStatus?> ConfirmAsync(IEnumerable<MemberStatus> candidates, CancellationToken cancellationToken);

    /// <summary>A linearizable read: what the cluster as a whole has.</summary>
    /// <param name="candidates">The members to ask, one after the other, until one answers.</param>
    /// <param name="lastPut">The last put of the latest backup; null if unknown.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null if no member answered: there is no quorum.</returns>
    Task<ClusterRead?> ReadAsync(IEnumerable<MemberStatus> candidates, LastPut? lastPut, CancellationToken cancellationToken);

    /// <summary>Whether a put belongs to the history of these members. Needs no quorum.</summary>
    /// <returns>Null if no member can decide it, and nothing contradicts it.</returns>
    Task<bool?> HoldsAsync(IEnumerable<MemberStatus> candidates, LastPut lastPut, CancellationToken cancellationToken);

    /// <summary>The member of an endpoint, to watch it.</summary>
    IWatchedMember Watched(Uri endpoint);
}

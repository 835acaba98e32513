using EtcdBackup.Snapshots;

namespace EtcdBackup.Etcd;

/// <summary>A connection to each member of one etcd cluster, for one run.</summary>
internal interface IEtcdCluster : IDisposable
{
    /// <summary>
    /// Probes all members at once; never throws for a member that fails, but sets its <see cref="MemberStatus.Error"/>.
    /// </summary>
    Task<IReadOnlyList<MemberStatus>> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Probes one member, as all are.</summary>
    Task<MemberStatus> ProbeAsync(Uri endpoint, CancellationToken cancellationToken);

    /// <summary>Reads from one member.</summary>
    /// <param name="endpoint">The member.</param>
    /// <param name="lastPut">The last put of a backup, to look for; null: none.</param>
    /// <param name="isLocal">Whether to read only what the member itself has; else it first catches up with a quorum.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null if it did not answer in time, as without a quorum.</returns>
    Task<MemberRead?> ReadAsync(Uri endpoint, LastPut? lastPut, bool isLocal, CancellationToken cancellationToken);

    /// <summary>The member of an endpoint, to watch it.</summary>
    IWatchedMember Watched(Uri endpoint);
}

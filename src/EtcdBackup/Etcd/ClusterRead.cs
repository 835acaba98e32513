using EtcdBackup.Snapshots;

namespace EtcdBackup.Etcd;

/// <summary>What the members of a cluster say together.</summary>
/// <param name="Revision">The revision of the key-value store.</param>
/// <param name="HoldsLastPut">
/// Whether the given put belongs to the history of the cluster: what most members say that can tell. The data of one member may be
/// damaged. Null if none can tell.
/// </param>
/// <param name="Differing">The members that say the opposite.</param>
internal sealed record ClusterRead(long Revision, bool? HoldsLastPut, IReadOnlyList<MemberStatus> Differing)
{
    /// <summary>Reads from the members, one after the other, until it is known what the cluster has.</summary>
    /// <param name="cluster">The connections.</param>
    /// <param name="members">The members to ask.</param>
    /// <param name="lastPut">The last put of a backup, to look for; null: none.</param>
    /// <param name="isLocal">Whether what a member itself has is enough; else a quorum is needed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null if no member answered, as without a quorum.</returns>
    public static async Task<ClusterRead?> OfAsync(
        IEtcdCluster cluster, IEnumerable<MemberStatus> members, LastPut? lastPut, bool isLocal, CancellationToken cancellationToken)
    {
        var answers = new List<(MemberStatus Member, MemberRead Read)>();
        foreach (var member in members)
        {
            if (await cluster.ReadAsync(member.Endpoint, lastPut, isLocal, cancellationToken) is { } read)
            {
                answers.Add((member, read));
                if (lastPut is null || (read.HoldsLastPut is true && answers.TrueForAll(a => a.Read.HoldsLastPut is not false)))
                {
                    break;
                }
            }
        }

        return answers.Count == 0 ? null : Judge(answers);
    }

    /// <summary>
    /// Makes some member catch up with the cluster (a linearizable read waits for the commit index of a quorum), then asks it again.
    /// </summary>
    /// <returns>The fresh status of that member, or null when no member could: there is no quorum.</returns>
    public static async Task<MemberStatus?> ConfirmAsync(
        IEtcdCluster cluster, IEnumerable<MemberStatus> members, CancellationToken cancellationToken)
    {
        foreach (var member in members)
        {
            if (await cluster.ReadAsync(member.Endpoint, lastPut: null, isLocal: false, cancellationToken) is not null &&
                await cluster.ProbeAsync(member.Endpoint, cancellationToken) is { Answered: true } status)
            {
                return status;
            }
        }

        return null;
    }

    // A damaged member does not by chance hold what another history holds: of as many on both sides, those that hold it are right.
    private static ClusterRead Judge(List<(MemberStatus Member, MemberRead Read)> answers)
    {
        var holding = answers.Count(a => a.Read.HoldsLastPut is true);
        bool? holds = answers.Count(a => a.Read.HoldsLastPut is false) > holding ? false : holding > 0 ? true : null;
        return new ClusterRead(
            answers.Find(a => a.Read.HoldsLastPut == holds).Read.Revision, holds,
            [.. answers.Where(a => holds is not null && a.Read.HoldsLastPut == !holds).Select(a => a.Member)]);
    }
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Runs;

/// <summary>Whether what a member gave is of the history that the check found, asked when it is there.</summary>
/// <param name="LastPut">The last put of the snapshot; null if there is none, or if the member does not know it.</param>
/// <param name="IsDoubtful">
/// Whether the member was restored or replaced while the snapshot was taken: then the lineage of the snapshot is unknown.
/// </param>
/// <param name="Differs">What most members hold and it does not, or the reverse: its data differs. Null if nothing does.</param>
internal sealed record GiverHistory(LastPut? LastPut, bool IsDoubtful, string? Differs)
{
    // A cluster may be restored more than once in a run; a member whose data differs denies its own put whenever it is asked.
    private const int MostDenials = 4;

    /// <summary>Before it is asked.</summary>
    public static readonly GiverHistory Unknown = new(null, IsDoubtful: false, null);

    /// <summary>Asks the member, and where it contradicts what is known, or tells something new, the others.</summary>
    /// <param name="cluster">The connections.</param>
    /// <param name="check">What the check found.</param>
    /// <param name="member">The member as the check found it.</param>
    /// <param name="before">The member before it gave the snapshot.</param>
    /// <param name="proof">How its revision compared with the member's: if it does not fit, the member was restored. Null: unknown.</param>
    /// <param name="found">The last put of the snapshot; null if there is none.</param>
    /// <param name="progress">The run: how many snapshots in it had a last put that was denied.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<GiverHistory> OfAsync(
        IEtcdCluster cluster, ClusterCheck check, MemberStatus member, MemberStatus before, LiveProof? proof, LastPut? found,
            RunProgress progress, CancellationToken cancellationToken)
    {
        var after = await cluster.ProbeAsync(member.Endpoint, cancellationToken);
        var isDoubtful = before.IsBehind(member) || after.IsBehind(before) ||
            proof is { Level: ProofLevel.Revision, Result: ProofResult.Mismatch };
        var lastPut = found;
        if (await HoldsAsync(cluster, member, found, cancellationToken) is false)
        {
            // A put that the member never shows would prove nothing later.
            (isDoubtful, lastPut) = (isDoubtful || ++progress.PutsDenied < MostDenials, null);
        }

        string? differs = null;
        if (!isDoubtful && check.LastPut is { } last && await HoldsAsync(cluster, member, last, cancellationToken) is false)
        {
            isDoubtful = await AskVotersAsync(cluster, check, member, last, cancellationToken) is not { HoldsLastPut: true };
            differs = isDoubtful ? null : $"{member.Address} does not hold the put of revision {last.Revision} that other members hold";
        }
        else if (!isDoubtful && await AskVotersAsync(cluster, check, member, lastPut, cancellationToken) is { } read && !IsHeld(read))
        {
            differs = $"{member.Address} gave the put of revision {lastPut!.Revision}, and other members do not hold it";
        }

        return new GiverHistory(lastPut, isDoubtful, differs);
    }

    private static async Task<bool?> HoldsAsync(
        IEtcdCluster cluster, MemberStatus member, LastPut? put, CancellationToken cancellationToken) => put is null ? null
            : (await cluster.ReadAsync(member.Endpoint, put, isLocal: true, cancellationToken))?.HoldsLastPut;

    // Of as many on both sides nobody knows who is right, and the giver is no witness of what it brings.
    private static bool IsHeld(ClusterRead read) =>
        read.HoldsLastPut is not false && read.Agreeing.Count > read.Differing.Count;

    private static async Task<ClusterRead?> AskVotersAsync(
        IEtcdCluster cluster, ClusterCheck check, MemberStatus member, LastPut? put, CancellationToken cancellationToken)
    {
        var voters = MemberChoice.Voters(check.Members);
        return put is null || !check.HasQuorum || voters.All(v => v.MemberId == member.MemberId) ? null
            : await ClusterRead.OfAsync(cluster, voters, put, isLocal: false, cancellationToken);
    }
}

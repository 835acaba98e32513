using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Runs;

/// <summary>Asks a cluster for its position, and decides whether it is unchanged, has advanced, or began a new lineage.</summary>
/// <param name="time">The clock.</param>
/// <param name="random">For the tags of new lineages.</param>
/// <param name="logger">Logs that a cluster was restored.</param>
internal sealed partial class ClusterChecker(TimeProvider time, Random random, ILogger<ClusterChecker> logger)
{
    /// <summary>Checks a cluster.</summary>
    /// <param name="cluster">The connections.</param>
    /// <param name="key">The cluster.</param>
    /// <param name="known">What is known of it.</param>
    /// <param name="lastPut">The last put of its latest backup; null when it is not known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EtcdUnavailableException">No member can be used, or no quorum confirms what was found.</exception>
    public async Task<ClusterCheck> CheckAsync(
        IEtcdCluster cluster, ClusterKey key, ClusterHistory known, LastPut? lastPut, CancellationToken cancellationToken)
    {
        var members = await cluster.ProbeAsync(cancellationToken);
        var read = await ClusterRead.OfAsync(cluster, MemberChoice.Voters(members), lastPut, isLocal: false, cancellationToken);
        var differing = DifferingOf(key, read, lastPut);
        members = MemberChoice.OfQuorum(members, read?.Revision);
        var usable = UsableOf(key, members);
        var position = ClusterPosition.Of(usable);
        var progress = known.Compare(position);
        if (progress == Progress.WentBack)
        {
            // A lagging follower is no new lineage, and writes continue between two requests: the higher of both answers counts.
            position = position.Highest(ClusterPosition.Of([await ConfirmAsync(cluster, key, known, members, usable, cancellationToken)]));
            progress = known.Compare(position);
        }

        progress = progress switch
        {
            Progress.Unchanged => Confirmed(key, position, read, members),
            Progress.Advanced when lastPut is not null && (read ?? await ClusterRead.OfAsync(
                cluster, usable, lastPut, isLocal: true, cancellationToken)) is { HoldsLastPut: false } => Progress.OtherLineage,
            _ => progress,
        };
        var lineage = LineageOf(key, known, position, progress);
        return new ClusterCheck(
            new ClusterLook(position, lineage), progress == Progress.Unchanged, members, lineage == known.Lineage ? lastPut : null)
        {
            HasQuorum = read is not null,
            Differing = differing,
            MembersDiffer = differing is not null || (lineage == known.Lineage && known.Latest?.Metadata?.Proof is { MembersDiffer: true }),
        };
    }

    private string? DifferingOf(ClusterKey key, ClusterRead? read, LastPut? lastPut)
    {
        if (read is not { Differing: [_, ..], HoldsLastPut: { } holds })
        {
            return null;
        }

        var (held, denied) = holds ? (read.Agreeing, read.Differing) : (read.Differing, read.Agreeing);
        var differing = $"{Addresses(held)} held the put of revision {lastPut!.Revision} and {Addresses(denied)} did not";
        LogDiffers(key, differing);
        return differing;

        static string Addresses(IEnumerable<MemberStatus> members) => string.Join(", ", members.Select(m => m.Address));
    }

    private Lineage LineageOf(ClusterKey key, ClusterHistory known, ClusterPosition position, Progress progress)
    {
        if (progress is not (Progress.WentBack or Progress.OtherLineage))
        {
            return known.Lineage ?? known.Next(position.ClusterId, time.GetUtcNow(), random);
        }

        var next = known.Next(position.ClusterId, time.GetUtcNow(), random);
        LogNewLineage(key, known.Position!, position, next.Incarnation);
        return next;
    }

    private static IReadOnlyList<MemberStatus> UsableOf(ClusterKey key, IReadOnlyList<MemberStatus> members)
    {
        // Without any voter a learner is better than nothing.
        var usable = MemberChoice.Order(members) is { Count: > 0 } voters ? voters : MemberChoice.Givers(members, preferLearner: true);
        if (usable.Count == 0)
        {
            throw new EtcdUnavailableException($"no member of {key} can be used: {MemberChoice.Explain(members)}");
        }

        return usable.All(m => m.ClusterId == usable[0].ClusterId)
            ? usable
            : throw new EtcdUnavailableException($"the endpoints of {key} belong to different etcd clusters " +
                $"({string.Join(", ", usable.Select(m => $"{m.Address} to {m.ClusterId:x16}"))}): name the members of one");
    }

    private static async Task<MemberStatus> ConfirmAsync(
        IEtcdCluster cluster, ClusterKey key, ClusterHistory known, IReadOnlyList<MemberStatus> members,
            IReadOnlyList<MemberStatus> usable, CancellationToken cancellationToken) =>
        await ClusterRead.ConfirmAsync(cluster, usable, cancellationToken) ?? throw new EtcdUnavailableException(
            $"the members of {key} that answered are behind the last look (revision {usable[0].Revision} of {known.Position!.Revision}), " +
            $"and no quorum says whether that is the truth: {MemberChoice.Explain(members)}");

    // A member that was cut off does not advance, but the cluster does; and a recreated cluster can have the position of the one
    // before.
    private static Progress Confirmed(
        ClusterKey key, ClusterPosition position, ClusterRead? read, IReadOnlyList<MemberStatus> members) => read switch
        {
            null => throw new EtcdUnavailableException(
                $"the members of {key} that answered stand at revision {position.Revision}, which is backed up, " +
                $"and no quorum says whether the cluster went on: {MemberChoice.Explain(members)}"),
            { HoldsLastPut: false } => Progress.OtherLineage,
            _ => read.Revision == position.Revision ? Progress.Unchanged : Progress.Advanced,
        };

    [LoggerMessage(Level = LogLevel.Critical, Message =
        "THE MEMBERS OF {Cluster} HOLD DIFFERENT DATA. {Detail}. Compare them with 'etcdctl endpoint hashkv', and replace the one " +
        "that differs")]
    private partial void LogDiffers(ClusterKey cluster, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster} was restored or recreated: it stood at {Before} and stands at {Now}; its backups begin a new lineage, number " +
        "{Incarnation}")]
    private partial void LogNewLineage(ClusterKey cluster, ClusterPosition before, ClusterPosition now, int incarnation);
}

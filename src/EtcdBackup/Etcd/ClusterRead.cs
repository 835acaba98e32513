using EtcdBackup.Snapshots;

namespace EtcdBackup.Etcd;

/// <summary>What the members of a cluster say together.</summary>
/// <param name="Revision">The revision of the key-value store.</param>
/// <param name="HoldsLastPut">
/// Whether the given put belongs to the history of the cluster: what most members say that can tell. The data of one member may be
/// damaged. Null if none can tell.
/// </param>
/// <param name="Agreeing">The members that say so.</param>
/// <param name="Differing">The members that say the opposite.</param>
internal sealed record ClusterRead(
    long Revision, bool? HoldsLastPut, IReadOnlyList<MemberStatus> Agreeing, IReadOnlyList<MemberStatus> Differing)
{
    /// <summary>Reads from the members, until it is known what the cluster has.</summary>
    /// <param name="cluster">The connections.</param>
    /// <param name="members">The members to ask.</param>
    /// <param name="lastPut">
    /// The last put of a backup, for which all are asked until most agree; null: one after the other is asked until one answers.
    /// </param>
    /// <param name="isLocal">Whether what a member itself has is enough; else a quorum is needed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null if no member answered, as without a quorum.</returns>
    public static async Task<ClusterRead?> OfAsync(
        IEtcdCluster cluster, IEnumerable<MemberStatus> members, LastPut? lastPut, bool isLocal, CancellationToken cancellationToken)
    {
        var answers = new List<Answer>();
        if (lastPut is not null)
        {
            // Two endpoints may lead to one member, which has one vote.
            await AskAllAsync(cluster, [.. members.DistinctBy(m => m.MemberId)], lastPut, isLocal, answers, cancellationToken);
            return answers.Count == 0 ? null : Judge(answers);
        }

        foreach (var member in members)
        {
            if (await cluster.ReadAsync(member.Endpoint, null, isLocal, cancellationToken) is { } read)
            {
                return new ClusterRead(read.Revision, null, [], []);
            }
        }

        return null;
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

    private static async Task AskAllAsync(
        IEtcdCluster cluster, IReadOnlyList<MemberStatus> members, LastPut lastPut, bool isLocal, List<Answer> answers,
            CancellationToken cancellationToken)
    {
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asked = members.Select(AskAsync).ToList();
        try
        {
            while (asked.Count > 0 && Most(true) <= members.Count / 2 && Most(false) <= members.Count / 2)
            {
                var next = await Task.WhenAny(asked);
                asked.Remove(next);
                answers.AddRange(await next is { } answer ? [answer] : []);
            }
        }
        finally
        {
            // One that hangs is not waited for. Grains go on where they were.
            Stop();
            await ((Task)Task.WhenAll(asked)).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        // At once, and not by way of the thread pool.
        void Stop() => decided.Cancel();

        int Most(bool holds) => answers.Count(a => a.Read.HoldsLastPut == holds);

        async Task<Answer?> AskAsync(MemberStatus member) =>
            await cluster.ReadAsync(member.Endpoint, lastPut, isLocal, decided.Token) is { } read ? new Answer(member, read) : null;
    }

    // A damaged member does not by chance hold what another history holds: of as many on both sides, those that hold it are right.
    private static ClusterRead Judge(List<Answer> answers)
    {
        var holding = answers.Count(a => a.Read.HoldsLastPut is true);
        bool? holds = answers.Count(a => a.Read.HoldsLastPut is false) > holding ? false : holding > 0 ? true : null;
        var agreeing = answers.FindAll(a => a.Read.HoldsLastPut == holds);
        return new ClusterRead(
            agreeing[0].Read.Revision, holds, [.. agreeing.Select(a => a.Member)],
            [.. answers.Where(a => holds is not null && a.Read.HoldsLastPut == !holds).Select(a => a.Member)]);
    }

    private sealed record Answer(MemberStatus Member, MemberRead Read);
}

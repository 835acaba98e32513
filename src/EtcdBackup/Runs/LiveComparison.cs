using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Runs;

/// <summary>Compares a snapshot with the live members, right after it arrived.</summary>
internal static partial class LiveComparison
{
    /// <summary>Compares to the level that the spec asks for.</summary>
    /// <param name="cluster">The connections.</param>
    /// <param name="giver">The member that gave the snapshot, as it was before.</param>
    /// <param name="others">Other members to ask for their HashKV: if they differ, some member has damaged data.</param>
    /// <param name="file">The snapshot.</param>
    /// <param name="report">What is in the snapshot.</param>
    /// <param name="level">The level.</param>
    /// <param name="timeouts">How long members may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The proof, and the report with what had to be read for it; no proof if none is wanted.</returns>
    public static async Task<(LiveProof? Proof, SnapshotReport Report)> CompareAsync(
        EtcdCluster cluster, MemberStatus giver, IEnumerable<MemberStatus> others, string file, SnapshotReport report, ProofLevel level,
            EtcdTimeouts timeouts, CancellationToken cancellationToken)
    {
        if (level == ProofLevel.Off)
        {
            return (null, report);
        }

        if (level == ProofLevel.Revision)
        {
            return (CompareRevision(
                giver, await cluster.Member(giver.Endpoint).ProbeAsync(timeouts.Probe, cancellationToken), report.Revision), report);
        }

        var verdicts = new List<HashVerdict>();
        foreach (var member in others.Where(m => m.MemberId != giver.MemberId).DistinctBy(m => m.MemberId).Prepend(giver))
        {
            var (hash, reason) = await cluster.Member(member.Endpoint).HashKVAsync(report.Revision, cancellationToken);
            if (hash is not null && (report.Content is null || report.Content.HashKvCompactRevision != hash.CompactRevision))
            {
                report = SnapshotInspector.InspectContent(file, hash.CompactRevision, cancellationToken);
            }

            verdicts.Add(hash is null ? new HashVerdict(member, ProofResult.NotComparable, reason!) : Compare(member, hash, report));
        }

        return (Judge(verdicts, report.Revision), report);
    }
}

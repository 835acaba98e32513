using EtcdBackup.Etcd;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Grains;

/// <summary>What a cluster's grain knows of its backups, for metrics: written by the grain, read by others.</summary>
/// <param name="Summary">Its schedule and its last run.</param>
/// <param name="Stored">What its store holds; null if the store was not listed yet.</param>
/// <param name="Members">The members' answers to the last check that this silo made.</param>
/// <param name="StoreProblem">Why the store cannot be listed; null when it can.</param>
/// <param name="Refused">How many backups the store refuses to delete, though no rule keeps them.</param>
internal sealed record ClusterFacts(
    ClusterSummary Summary, StoredFacts? Stored, IReadOnlyList<MemberStatus> Members, string? StoreProblem, int Refused);

/// <summary>What a cluster's store holds, in numbers.</summary>
/// <param name="Count">Backups.</param>
/// <param name="Bytes">Their bytes in the store.</param>
/// <param name="Damaged">Those that were found damaged.</param>
/// <param name="LatestAt">When the latest was taken, UTC; null if there is none.</param>
/// <param name="LatestBytes">Bytes of its snapshot.</param>
/// <param name="LatestRevision">Its revision.</param>
/// <param name="MembersDiffer">Whether some member held other data when it was taken.</param>
/// <param name="LastProof">When a backup was last proven sound: taken, or read back. UTC.</param>
/// <param name="OldestProof">The same of the backup of which it is longest ago.</param>
internal sealed record StoredFacts(
    int Count, long Bytes, int Damaged, DateTimeOffset? LatestAt, long LatestBytes, long LatestRevision, bool MembersDiffer,
    DateTimeOffset? LastProof, DateTimeOffset? OldestProof)
{
    /// <summary>Counts what a view shows.</summary>
    internal static StoredFacts Of(StoredView view)
    {
        var proofs = view.Entries.Where(e => e.IsSound && e.Metadata is not null)
            .Select(e => (DateTimeOffset?)(e.Metadata!.Verification?.At ?? e.CreationTime)).ToArray();
        return new StoredFacts(
            view.Entries.Count, view.Bytes, view.Damaged.Count, view.Latest?.CreationTime, view.Latest?.Size ?? 0,
                view.Latest?.Revision ?? 0, view.Latest?.Metadata?.Proof is { MembersDiffer: true }, proofs.Max(), proofs.Min());
    }
}

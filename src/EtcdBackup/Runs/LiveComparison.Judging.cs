using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Runs;

/// <content>What the members' answers say; pure.</content>
internal static partial class LiveComparison
{
    /// <summary>Compares a file with what a member says of it.</summary>
    public static HashVerdict Compare(MemberStatus member, MemberHash hash, SnapshotReport report)
    {
        // A compaction that was running has taken some revisions already: what it would leave is all that can be compared.
        if (hash.CompactRevision < Math.Max(report.CompactedRevision, report.ScheduledCompactRevision))
        {
            return new HashVerdict(member, ProofResult.NotComparable, $"answered for the older compacted revision {hash.CompactRevision}");
        }

        // Then etcd hashes whatever its compaction has not deleted yet, and deletions by other rules in each version (issue 18089).
        if (report.Content!.LiveKeys == 0 && hash.CompactRevision > 0)
        {
            return new HashVerdict(member, ProofResult.NotComparable, "has no live key to compare");
        }

        return new HashVerdict(
            member, hash.Hash == report.Content.HashKv ? ProofResult.Matched : ProofResult.Mismatch,
            $"says {hash.Hash}, the file {report.Content.HashKv}");
    }

    /// <summary>
    /// The file is wrong if the member that gave it denies it, or if at least as many members deny it as confirm it.
    /// A member that differs from the rest has damaged data, and the proof says so even if the file is right.
    /// </summary>
    public static LiveProof Judge(IReadOnlyList<HashVerdict> verdicts, long revision)
    {
        var confirm = verdicts.Count(v => v.Result == ProofResult.Matched);
        var deny = verdicts.Count(v => v.Result == ProofResult.Mismatch);
        var detail = $"HashKV at revision {revision}: " +
            string.Join("; ", verdicts.Select(v => $"{v.Member.Address} {v.Detail}"));
        if (verdicts[0].Result == ProofResult.Mismatch || (deny > 0 && deny >= confirm))
        {
            return new LiveProof(ProofLevel.HashKV, ProofResult.Mismatch, detail, MembersDiffer: true);
        }

        return new LiveProof(
            ProofLevel.HashKV, confirm > 0 ? ProofResult.Matched : ProofResult.NotComparable, detail, MembersDiffer: deny > 0);
    }

    /// <summary>Adds that another member's data differs from what this one gave.</summary>
    /// <param name="proof">The proof; null if none is wanted.</param>
    /// <param name="differing">How another member differs; null if none was found to.</param>
    public static LiveProof? With(LiveProof? proof, string? differing) => (proof, differing) switch
    {
        (_, null) => proof,
        (null, _) => new LiveProof(ProofLevel.Off, ProofResult.NotComparable, differing, MembersDiffer: true),
        _ => proof with { Detail = $"{proof.Detail}; {differing}", MembersDiffer = true },
    };

    /// <summary>The file's revision must lie between the member's revisions before and after.</summary>
    public static LiveProof CompareRevision(MemberStatus before, MemberStatus after, long revision)
    {
        var member = before.Address;
        if (revision < before.Revision)
        {
            return new LiveProof(
                ProofLevel.Revision, ProofResult.Mismatch,
                $"the file holds revision {revision}, but {member} was at {before.Revision} before it began");
        }

        if (!after.Answered || after.MemberId != before.MemberId)
        {
            return new LiveProof(ProofLevel.Revision, ProofResult.NotComparable, $"{member} {after.Error ?? "is another member now"}");
        }

        return revision > after.Revision
            ? new LiveProof(ProofLevel.Revision, ProofResult.Mismatch,
                $"the file holds revision {revision}, but {member} is only at {after.Revision} after it")
            : new LiveProof(ProofLevel.Revision, ProofResult.Matched,
                $"revision {revision} lies between {before.Revision} and {after.Revision} of {member}");
    }
}

/// <summary>How a file compares with one member's HashKV.</summary>
/// <param name="Member">The member.</param>
/// <param name="Result">How it compared.</param>
/// <param name="Detail">The result in words.</param>
internal sealed record HashVerdict(MemberStatus Member, ProofResult Result, string Detail);

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;

namespace EtcdBackup.Runs;

/// <content>What the members' answers say; pure.</content>
internal static partial class LiveComparison
{
    // Before these, HashKV counted a deletion at the compacted revision (etcd issue 18089).
    private static readonly EtcdVersion FirstNewHash34 = new(3, 4, 34);
    private static readonly EtcdVersion FirstNewHash35 = new(3, 5, 16);

    /// <summary>
    /// The file is wrong if the member that gave it denies it, or if at least as many members deny it as confirm it.
    /// A member that differs from the rest has damaged data, and the proof says so even if the file is right.
    /// </summary>
    public static LiveProof Judge(IReadOnlyList<HashVerdict> verdicts, long revision)
    {
        var confirm = verdicts.Count(v => v.Result == ProofResult.Matched);
        var deny = verdicts.Count(v => v.Result == ProofResult.Mismatch);
        var detail = $"HashKV at revision {revision}: " +
            string.Join("; ", verdicts.Select(v => $"{v.Member.Endpoint.Authority} {v.Detail}"));
        if (verdicts[0].Result == ProofResult.Mismatch || (deny > 0 && deny >= confirm))
        {
            return new LiveProof(ProofLevel.HashKV, ProofResult.Mismatch, detail, MembersDiffer: true);
        }

        return new LiveProof(
            ProofLevel.HashKV, confirm > 0 ? ProofResult.Matched : ProofResult.NotComparable, detail, MembersDiffer: deny > 0);
    }

    /// <summary>The file's revision must lie between the member's revisions before and after.</summary>
    public static LiveProof CompareRevision(MemberStatus before, MemberStatus after, long revision)
    {
        var member = before.Endpoint.Authority;
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

    /// <summary>Whether a member of this version counts a deletion at the compacted revision in its HashKV.</summary>
    public static bool HashesAsBefore(EtcdVersion version) =>
        IsBefore(version, version is { Major: 3, Minor: < 5 } ? FirstNewHash34 : FirstNewHash35);

    private static bool IsBefore(EtcdVersion a, EtcdVersion b) => (a.Major, a.Minor, a.Patch).CompareTo((b.Major, b.Minor, b.Patch)) < 0;
}

/// <summary>How a file compares with one member's HashKV.</summary>
/// <param name="Member">The member.</param>
/// <param name="Result">How it compared.</param>
/// <param name="Detail">The result in words.</param>
internal sealed record HashVerdict(MemberStatus Member, ProofResult Result, string Detail);

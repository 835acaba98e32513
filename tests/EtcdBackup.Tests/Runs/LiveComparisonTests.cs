using EtcdBackup.Catalog;
using EtcdBackup.Etcd;
using EtcdBackup.Runs;

namespace EtcdBackup.Tests.Runs;

public class LiveComparisonTests
{
    [Theory]
    [InlineData(10, 12, 10, ProofResult.Matched)]
    [InlineData(10, 12, 12, ProofResult.Matched)]
    [InlineData(10, 12, 9, ProofResult.Mismatch)]
    [InlineData(10, 12, 13, ProofResult.Mismatch)]
    public void The_revision_must_lie_between_the_members_before_and_after(long before, long after, long found, ProofResult expected) =>
        Assert.Equal(expected, LiveComparison.CompareRevision(Member(before), Member(after), found).Result);

    [Fact]
    public void A_member_that_is_gone_proves_nothing() =>
        Assert.Equal(ProofResult.NotComparable,
            LiveComparison.CompareRevision(Member(10), Member(0) with { Error = "did not answer in time" }, 11).Result);

    [Theory]
    [InlineData("m", ProofResult.Matched, false)]
    [InlineData("n", ProofResult.NotComparable, false)]
    [InlineData("x", ProofResult.Mismatch, true)]
    [InlineData("mmm", ProofResult.Matched, false)]
    [InlineData("mmx", ProofResult.Matched, true)] // the third member is the damaged one
    [InlineData("mxx", ProofResult.Mismatch, true)] // the giver is
    [InlineData("mx", ProofResult.Mismatch, true)] // nobody can tell which
    [InlineData("xmm", ProofResult.Mismatch, true)]
    [InlineData("nmm", ProofResult.Matched, false)]
    [InlineData("nnn", ProofResult.NotComparable, false)]
    public void The_members_judge_the_file(string verdicts, ProofResult expected, bool differ)
    {
        var proof = LiveComparison.Judge(
            [.. verdicts.Select(v =>
            new HashVerdict(Member(1),
            v switch { 'm' => ProofResult.Matched, 'x' => ProofResult.Mismatch, _ => ProofResult.NotComparable }, ""))], 5);
        Assert.Equal((expected, differ), (proof.Result, proof.MembersDiffer));
    }

    private static MemberStatus Member(long revision) => new() { Endpoint = new Uri("http://m:1"), Revision = revision, MemberId = 7 };
}

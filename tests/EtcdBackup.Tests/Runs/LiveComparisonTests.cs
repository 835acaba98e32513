using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Runs;
using EtcdBackup.Snapshots;
using EtcdBackup.Tests.Snapshots;

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
    [InlineData(9, "the file holds revision 9, but m:1 was at 10 before it began")]
    [InlineData(11, "revision 11 lies between 10 and 12 of m:1")]
    [InlineData(13, "the file holds revision 13, but m:1 is only at 12 after it")]
    public void What_was_compared_is_told(long found, string detail)
    {
        var proof = LiveComparison.CompareRevision(Member(10), Member(12), found);
        Assert.Equal((ProofLevel.Revision, detail), (proof.Level, proof.Detail));
    }

    [Fact]
    public void Why_a_member_does_not_answer_is_told() =>
        Assert.Equal("m:1 is gone", LiveComparison.CompareRevision(Member(10), Member(0) with { Error = "is gone" }, 11).Detail);

    [Fact]
    public void A_member_that_was_replaced_meanwhile_proves_nothing()
    {
        var proof = LiveComparison.CompareRevision(Member(10), Member(12) with { MemberId = 8 }, 11);
        Assert.Equal((ProofLevel.Revision, ProofResult.NotComparable), (proof.Level, proof.Result));
        Assert.Equal("m:1 is another member now", proof.Detail);
    }

    [Fact]
    public void A_file_that_is_older_than_the_member_was_before_is_wrong_even_if_the_member_is_gone_now() =>
        Assert.Equal(ProofResult.Mismatch, LiveComparison.CompareRevision(Member(10), Member(0) with { Error = "gone" }, 9).Result);

    [Theory]
    [InlineData(20, 20, 0, 1, 7, ProofResult.Matched)]
    [InlineData(20, 20, 0, 1, 8, ProofResult.Mismatch)]
    [InlineData(25, 20, 25, 1, 7, ProofResult.Matched)] // as far as the compaction that was running in the file
    [InlineData(24, 20, 25, 1, 8, ProofResult.NotComparable)]
    [InlineData(19, 20, 0, 1, 8, ProofResult.NotComparable)]
    [InlineData(20, 20, 0, 0, 8, ProofResult.NotComparable)] // no key lives
    [InlineData(0, 0, 0, 0, 8, ProofResult.Mismatch)] // but nothing was ever compacted
    public void A_file_is_compared_only_by_what_a_compaction_leaves(
        long said, long finished, long scheduled, long liveKeys, uint hash, ProofResult expected)
    {
        var report = TestReports.Of(30) with
        {
            CompactedRevision = finished,
            ScheduledCompactRevision = scheduled,
            Content = new ContentReport(0, 7, 30, said, liveKeys, 9),
        };
        Assert.Equal(expected, LiveComparison.Compare(Member(1), new MemberHash(hash, said), report).Result);
    }

    [Fact]
    public void The_judgement_tells_what_each_member_said()
    {
        var proof = LiveComparison.Judge(
            [new HashVerdict(Member(1), ProofResult.Matched, "says 1"),
                new HashVerdict(Member(1), ProofResult.NotComparable, "is gone")], 5);
        Assert.Equal((ProofLevel.HashKV, "HashKV at revision 5: m:1 says 1; m:1 is gone"), (proof.Level, proof.Detail));
    }

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
    [InlineData("nx", ProofResult.Mismatch, true)]
    [InlineData("nmx", ProofResult.Mismatch, true)]
    [InlineData("nmmx", ProofResult.Matched, true)]
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

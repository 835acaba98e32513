using CsCheck;
using EtcdBackup.Catalog;
using EtcdBackup.Retention;
using EtcdBackup.Tests.Catalog;

namespace EtcdBackup.Tests.Retention;

public class RetentionPolicyTests
{
    private static readonly Gen<BackupEntry[]> Histories =
        Gen.Select(Gen.Int[1, 1000], Gen.Int[0, 4], Gen.Int[0, 1000]).Array[0, 30]
            .Select(rows => rows.DistinctBy(r => (r.Item1, r.Item2)).Select(r => BackupOrderTests.Entry(r.Item1, r.Item2, r.Item3)).ToArray());

    [Fact]
    public void It_keeps_at_most_so_many_and_always_the_latest() => Gen.Select(Histories, Gen.Int[1, 10]).Sample((all, max) =>
    {
        var expired = RetentionPolicy.Expired(all, max);
        return all.Length - expired.Count == Math.Min(all.Length, max) && !expired.Contains(BackupOrder.Latest(all));
    });

    [Fact]
    public void It_is_idempotent() => Gen.Select(Histories, Gen.Int[1, 10]).Sample((all, max) =>
        RetentionPolicy.Expired([.. all.Except(RetentionPolicy.Expired(all, max))], max).Count == 0);

    [Fact]
    public void It_does_not_depend_on_the_order_of_the_listing() => Gen.Select(Histories, Gen.Int[1, 10]).Sample((all, max) =>
        RetentionPolicy.Expired(all, max).SequenceEqual(RetentionPolicy.Expired([.. all.Reverse()], max)));

    [Fact]
    public void No_limit_removes_nothing() => Histories.Sample(all => RetentionPolicy.Expired(all, 0).Count == 0);
}

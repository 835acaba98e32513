using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Grains;
using EtcdBackup.Tests.Upkeep;

namespace EtcdBackup.Tests.Grains;

public class ClusterTroublesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ClusterSpec Spec = StoredFixture.SpecOf(new BackupSpec { BackupIntervalInSecond = 600 });

    private static readonly ClusterFacts Well = new(
        new ClusterSummary { Key = Spec.Key, Registered = true, Silo = "", Spec = Spec, LastSuccess = Now },
        new StoredFacts(1, 10, 0, Now, 10, 5, false, Now, Now), [], null, 0);

    [Fact]
    public void What_is_well_has_none() => Assert.Equal(ClusterTrouble.None, ClusterTroubles.Of(Well, Now));

    [Theory]
    [InlineData(2100, false)]
    [InlineData(2101, true)]
    public void Three_intervals_and_five_minutes_without_success_are_stale(int seconds, bool isStale) =>
        Assert.Equal(isStale ? ClusterTrouble.Stale : ClusterTrouble.None, ClusterTroubles.Of(Well, Now.AddSeconds(seconds)));

    [Fact]
    public void Each_trouble_is_found()
    {
        var (summary, stored) = (Well.Summary, Well.Stored!);
        var alarmed = new MemberStatus { Endpoint = new Uri("http://m"), Alarms = [new MemberAlarm(1, MemberAlarm.NoSpace)] };
        (ClusterFacts Facts, ClusterTrouble Trouble)[] table =
        [
            (Well with { Summary = summary with { FailuresInRow = 1 } }, ClusterTrouble.Failing),
            (Well with { Summary = summary with { LastSuccess = null }, Stored = null }, ClusterTrouble.Never),
            (Well with { Summary = summary with { LastSuccess = null } }, ClusterTrouble.None),
            (Well with { Summary = summary with { LastSuccess = null }, Stored = stored with { LatestAt = Now.AddDays(-1) } },
                ClusterTrouble.Stale),
            (Well with { Stored = stored with { LatestAt = null } }, ClusterTrouble.Never),
            (Well with { Stored = stored with { Damaged = 1 } }, ClusterTrouble.Damaged),
            (Well with { Stored = stored with { MembersDiffer = true } }, ClusterTrouble.Differing),
            (Well with { Members = [alarmed] }, ClusterTrouble.Alarmed),
            (Well with { StoreProblem = "down" }, ClusterTrouble.Store),
            (Well with { Refused = 1 }, ClusterTrouble.Store),
            (Well with { Refused = 1, Members = [alarmed] }, ClusterTrouble.Store | ClusterTrouble.Alarmed),
            (Well with { Stored = null }, ClusterTrouble.None),
        ];
        Assert.All(table, row => Assert.Equal(row.Trouble, ClusterTroubles.Of(row.Facts, Now)));
    }
}

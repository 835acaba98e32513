using EtcdBackup.Clusters;
using EtcdBackup.Etcd;

namespace EtcdBackup.Tests.Etcd;

public class MemberWarningsTests
{
    [Theory]
    [InlineData("memberID:7 alarm:CORRUPT ", 7, "CORRUPT")]
    [InlineData("memberID:10276657743932975437 alarm:NOSPACE", 10276657743932975437, "NOSPACE")]
    [InlineData("alarm:CORRUPT ", 0, "CORRUPT")]
    public void The_alarms_of_a_status_are_read(string error, ulong member, string kind) =>
        Assert.Equal([new MemberAlarm(member, kind)], MemberAlarm.Read(["etcdserver: no leader", error]));

    [Fact]
    public void An_alarm_counts_for_the_member_that_it_names_whoever_tells_it()
    {
        // The named one does not know yet; and of two kinds only one is about data.
        var members = MemberAlarm.Share(
            [Member(1), Member(2) with { Alarms = [new(1, "CORRUPT"), new(2, "NOSPACE")] }, Member(3)]);
        Assert.Equal([true, false, false], members.Select(m => m.IsCorrupt));
        Assert.Equal(
            ["h1:1 has the alarm CORRUPT", "h2:1 has the alarm NOSPACE"],
            MemberWarnings.Of(members).Select(w => w.Split(':', 3) is [var host, var rest, ..] ? $"{host}:{rest}" : w));
    }

    [Fact]
    public void An_alarm_that_names_no_member_stops_none()
    {
        var members = MemberAlarm.Share([Member(1) with { Alarms = [new(0, "CORRUPT")] }, Member(2)]);
        Assert.DoesNotContain(members, m => m.IsCorrupt);
        Assert.StartsWith("the cluster has the alarm CORRUPT, and does not say of which", Assert.Single(MemberWarnings.Of(members)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(79, null)]
    [InlineData(80, "h1:1 uses 80 of the 100 MB of its quota")]
    public void A_database_near_its_quota_is_told(int megabytes, string? warning)
    {
        var warnings = MemberWarnings.Of([Member(1) with { DbSize = megabytes * 1048576L, Quota = 100 * 1048576 }, Member(2)]);
        Assert.Equal(warning is null ? 0 : 1, warnings.Count);
        Assert.All(warnings, w => Assert.StartsWith(warning!, w, StringComparison.Ordinal));
    }

    [Fact]
    public void A_member_that_does_not_answer_is_told_and_one_that_is_well_is_not() => Assert.Equal(
        ["h2:1 did not answer in time"],
        MemberWarnings.Of([Member(1), new MemberStatus { Endpoint = new Uri("http://h2:1"), Error = "did not answer in time" }]));

    private static MemberStatus Member(ulong id) =>
        new() { Endpoint = new Uri($"http://h{id}:1"), MemberId = id, Version = new EtcdVersion(3, 6, 0) };
}

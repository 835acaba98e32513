using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

/// <content>Reports that are not whole lists of specs.</content>
public partial class ClusterRegisterTests
{
    [Fact]
    public void Names_without_specs_keep_a_cluster_and_single_ones_prove_nothing_of_the_others()
    {
        Settle(_register.ReportSome("k8s", "c", [Spec("x"), Spec("y")], _now));
        _register.ReportSome("k8s", "c", [Spec("x")], _now);
        Assert.Null(Entry("y").MissingSince);
        _register.ReportNames("k8s", "c", [Key("x"), Key("new")], _now);
        Assert.Equal([Key("new")], _register.WithoutSpec("k8s", "c"));
        Assert.NotNull(Entry("y").MissingSince);
        _register.ReportNames("k8s", "c", [Key("x"), Key("y")], _now);
        Assert.Null(Entry("y").MissingSince);
    }

    [Fact]
    public void One_who_registers_single_clusters_and_never_gave_a_list_removes_none_that_another_named()
    {
        Settle(_register.ReportSome("k8s", "c", [Spec("x")], _now));
        Settle(_register.ReportSome("k8s", "d", [Spec("y")], _now));
        _now += RemovalTimes.Living;
        _register.ReportSome("k8s", "c", [Spec("x")], _now);
        Assert.Null(Entry("y").MissingSince);
        _register.ReportNames("k8s", "c", [Key("x")], _now);
        Assert.Equal(_now, Entry("y").MissingSince);
    }
}

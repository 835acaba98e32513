using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

/// <content>Where its times end, what several sources and reporters say, and what a removal leaves behind.</content>
public partial class ClusterRegisterTests
{
    [Fact]
    public void Who_was_silent_for_too_long_has_to_say_its_list_again()
    {
        Assert.False(_register.Hear(File, "a", _now));
        Settle(Report("a", Spec("x")));
        _now += RemovalTimes.Living - TimeSpan.FromSeconds(1);
        Assert.True(_register.Hear(File, "a", _now));
        _now += RemovalTimes.Living;
        Assert.False(_register.Hear(File, "a", _now));
        Assert.Empty(_register.NamedBy(Key("x"), _now));
    }

    [Fact]
    public void Who_was_not_heard_for_too_long_names_nothing_though_nobody_has_looked_since()
    {
        Settle(Report("a", Spec("x")));
        Assert.Equal(["configuration (a)"], _register.NamedBy(Key("x"), _now));
        Assert.Empty(_register.NamedBy(Key("x"), _now + RemovalTimes.Living));
    }

    [Fact]
    public void What_departed_is_forgotten_after_the_longer_grace_and_not_before()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        Pass(TimeSpan.Zero, "a", Spec("x"));
        Settle(Pass(Times.Grace, "a", Spec("x")));
        _register.Tick(_now + Times.BackupsGrace - TimeSpan.FromSeconds(1));
        Assert.Equal(ClusterStage.Departed, Entry("y").Stage);
        var version = _register.Version;
        _register.Tick(_now + Times.BackupsGrace);
        Assert.Null(_register.Find(Key("y")));
        Assert.DoesNotContain(_register.Entries, e => e.Key == Key("y"));
        Assert.True(_register.Version > version);
    }

    [Fact]
    public void Whose_backups_were_deleted_is_forgotten_after_the_longer_grace_and_not_before()
    {
        Depart("y");
        Assert.Equal(_now, Entry("y").UnregisteredBy(new RemovalTimes(TimeSpan.FromDays(9), TimeSpan.FromDays(9))));
        Settle(Pass(Times.BackupsGrace, "a", Spec("x")));
        Assert.Equal((ClusterStage.BackupsDeleted, _now), (Entry("y").Stage, Entry("y").BackupsDeletedAt));
        Assert.Equal(_now, Entry("y").BackupsDeletedBy(new RemovalTimes(TimeSpan.FromDays(9), TimeSpan.FromDays(9))));
        _register.Tick(_now + Times.BackupsGrace - TimeSpan.FromSeconds(1));
        Assert.Equal(ClusterStage.BackupsDeleted, Entry("y").Stage);
        _register.Tick(_now + Times.BackupsGrace);
        Assert.Null(_register.Find(Key("y")));
    }

    [Fact]
    public void What_a_person_removed_comes_back_by_its_grain_only_after_some_minutes_or_when_somebody_names_it()
    {
        Settle(Report("a", Spec("x")));
        Assert.Equal(Spec("y"), _register.CheckIn(Key("y"), Spec("y"), File, _now));
        _register.Forget(Key("y"), _now);
        _register.Tick(_now + RemovalTimes.Living - TimeSpan.FromSeconds(1));
        Assert.Null(_register.CheckIn(Key("y"), Spec("y"), File, _now));
        _register.ReportNames("k8s", "c", [Key("y")], _now);
        Assert.Equal(Spec("y"), _register.CheckIn(Key("y"), Spec("y"), "k8s", _now));
        _register.RemoveFromLists(Key("y"), "k8s");
        _register.Forget(Key("y"), _now);
        _register.Tick(_now + RemovalTimes.Living);
        Assert.Equal(Spec("y"), _register.CheckIn(Key("y"), Spec("y"), File, _now));
    }

    [Fact]
    public void What_one_of_two_reporters_names_a_person_does_not_remove()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        Settle(Report("b", Spec("x")));
        var entry = Entry("y");
        _register.Forget(Key("y"), _now);
        Assert.Same(entry, _register.Find(Key("y")));
        Assert.Equal(["y"], Names(_register.Tick(_now).ToConfigure));
    }

    [Fact]
    public void A_name_that_is_free_goes_to_the_source_that_names_it_and_not_before_its_time()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        _register.Report("k8s", "c", _now, [Spec("y", interval: 5)], _now);
        Pass(TimeSpan.Zero, "a", Spec("x"));
        Assert.Empty(_register.Report("k8s", "c", _now, [Spec("y", interval: 5)], _now).Acts);
        Assert.Equal(File, Entry("y").Source);
        _register.RemoveFromLists(Key("y"), File);
        _register.Forget(Key("y"), _now);
        Assert.Null(_register.Find(Key("y")));
        Assert.Equal([Spec("y", interval: 5)], _register.Tick(_now).ToConfigure);
        Assert.Equal("k8s", Entry("y").Source);
    }

    [Fact]
    public void What_departed_is_taken_up_at_once_by_another_source_that_names_it()
    {
        Depart("y");
        var work = _register.Report("k8s", "c", _now, [Spec("y", interval: 5)], _now);
        Assert.Equal([Spec("y", interval: 5)], work.ToConfigure);
        Assert.Equal(("k8s", ClusterStage.Registered), (Entry("y").Source, Entry("y").Stage));
    }

    [Fact]
    public void A_grain_that_checks_in_after_its_cluster_departed_registers_it_where_it_belongs()
    {
        Depart("y");
        var entry = Entry("y");
        Assert.Equal(Spec("y"), _register.CheckIn(Key("y"), Spec("y"), "elsewhere", _now));
        Assert.Equal((entry, File, ClusterStage.Registered), (Entry("y"), Entry("y").Source, Entry("y").Stage));
    }

    [Fact]
    public void What_a_caller_puts_again_is_tried_at_once_however_often_it_failed()
    {
        _register.ReportSome("k8s", "c", [Spec("x")], _now);
        Assert.Equal(["k8s (c)"], _register.NamedBy(Key("x"), _now));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(i + 1, _register.Failed(Key("x"), _now));
        }

        Assert.Empty(_register.Tick(_now).Acts);
        Assert.Single(_register.ReportSome("k8s", "c", [Spec("x")], _now).Acts);
        Assert.Equal(1, _register.Failed(Key("unknown"), _now));
    }

    [Fact]
    public void One_that_gives_only_names_registers_what_another_gave_the_spec_of_and_may_be_silent()
    {
        _register.CheckIn(Key("x"), Spec("x"), "k8s", _now);
        _register.Forget(Key("x"), _now);
        _register.ReportSome("k8s", "d", [Spec("y")], _now);
        _register.ReportNames("k8s", "c", [Key("y")], _now);
        _register.ReportNames("k8s", "c", null, _now);
        Assert.Equal(["k8s (d)"], _register.NamedBy(Key("y"), _now));
        Assert.Empty(_register.WithoutSpec("k8s", "c"));
    }

    [Fact]
    public void The_spec_is_saved_only_for_one_on_its_way_out_whose_backups_are_to_be_deleted()
    {
        Settle(Report("a", Spec("x"), Spec("y", autoDelete: true), Spec("z")));
        Assert.Null(Entry("y").KeptSpec);
        var version = _register.Version;
        foreach (var name in new[] { "x", "y", "unknown" })
        {
            _register.BeginUnregister(Key(name), Spec(name));
        }

        Assert.Equal(version + 2, _register.Version);
        Assert.Null(Entry("x").KeptSpec);
        Assert.Equal(Spec("y", autoDelete: true), Entry("y").KeptSpec);
        Report("a", Spec("x"), Spec("y", autoDelete: true), Spec("z"));
        Assert.Null(Entry("y").KeptSpec);
        Pass(TimeSpan.Zero, "a", Spec("x"));
        Settle(Pass(Times.Grace, "a", Spec("x")));
        Assert.Null(Entry("z").KeptSpec);
        Assert.NotNull(Entry("y").KeptSpec);
        _register.AddSaved(new ClusterEntry(Key("w"), File));
        _register.BeginUnregister(Key("w"), Spec("w", autoDelete: true));
        Assert.Equal(Spec("w", autoDelete: true), Entry("w").KeptSpec);
    }

    [Fact]
    public void What_departed_and_is_named_without_a_spec_is_registered_only_if_its_spec_is_known()
    {
        foreach (var (name, spec) in new[] { ("x", null), ("y", Spec("y")) })
        {
            _register.AddSaved(new ClusterEntry(Key(name), "k8s") { Stage = ClusterStage.Departed, UnregisteredAt = _now, Spec = spec });
        }

        _register.ReportNames("k8s", "c", [Key("x"), Key("y")], _now);
        Assert.Equal((ClusterStage.Departed, ClusterStage.Registered), (Entry("x").Stage, Entry("y").Stage));
        _register.ReportSome("k8s", "c", [Spec("x")], _now);
        Assert.Equal(ClusterStage.Registered, Entry("x").Stage);
    }

    [Fact]
    public void A_file_keeps_only_registered_clusters_of_its_own_source()
    {
        Settle(Report("a", stamp: 2, Spec("x"), Spec("y")));
        _register.AddSaved(new ClusterEntry(Key("other"), "k8s") { NamedIn = Stamp(9) });
        _register.AddSaved(new ClusterEntry(Key("gone"), File) { NamedIn = Stamp(9), Stage = ClusterStage.Departed });
        Report("a", stamp: 2, Spec("x"));
        Assert.Empty(_register.KeptFrom(File, "a"));
        Report("a", stamp: 1, Spec("x"));
        Assert.Equal([Key("y")], _register.KeptFrom(File, "a"));
        Assert.Empty(_register.KeptFrom(File, "nobody"));
    }

    [Fact]
    public void Of_several_files_that_name_a_cluster_the_newest_counts_whoever_reports_first()
    {
        Settle(Report("a", stamp: 5, Spec("x"), Spec("y", interval: 5)));
        Settle(Report("b", stamp: 2, Spec("x"), Spec("y", interval: 2)));
        Assert.Equal((Stamp(5), 5), (Entry("y").NamedIn, Entry("y").Spec!.Backup.BackupIntervalInSecond));
        Settle(Report("c", stamp: 7, Spec("x"), Spec("y", interval: 7)));
        Assert.Equal((Stamp(7), 7), (Entry("y").NamedIn, Entry("y").Spec!.Backup.BackupIntervalInSecond));
    }

    [Fact]
    public void Of_equally_new_specs_that_of_the_first_reporter_by_name_is_in_force_whoever_came_first()
    {
        Settle(Report("b", stamp: 1, Spec("x", interval: 2)));
        Assert.Equal([Spec("x", interval: 1)], Report("a", stamp: 1, Spec("x", interval: 1)).ToConfigure);
    }
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

public partial class ClusterRegisterTests
{
    private const string File = "configuration";

    private static readonly RemovalTimes Times = RemovalTimes.Default;

    private readonly ClusterRegister _register = new(Times);
    private DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_a_report_names_is_registered_once_and_a_changed_spec_is_handed_on()
    {
        var work = Report("a", Spec("x"), Spec("y"));
        Assert.Equal(["x", "y"], Names(work.ToConfigure));
        Settle(work);
        Assert.Empty(Report("a", Spec("x"), Spec("y")).Acts);
        Assert.Equal([Spec("y", interval: 60)], Report("a", Spec("x"), Spec("y", interval: 60)).ToConfigure);
    }

    [Fact]
    public void Ten_thousand_new_ones_begin_over_some_minutes()
    {
        var work = Report("a", [.. Enumerable.Range(0, 10_000).Select(i => Spec($"c{i}"))]);
        Assert.All(work.Acts, a => Assert.Equal(TimeSpan.FromSeconds(250), ((RegisterAct.Configure)a).Within));
    }

    [Fact]
    public void A_cluster_that_nobody_names_goes_after_the_grace_and_not_before()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        Pass(TimeSpan.Zero, "a", Spec("x"));
        Assert.Equal(_now, Entry("y").MissingSince);
        Assert.Equal(_now + Times.Grace, Entry("y").UnregisteredBy(Times));
        Assert.Null(Entry("y").BackupsDeletedBy(Times));
        Assert.Empty(Pass(Times.Grace - TimeSpan.FromSeconds(1), "a", Spec("x")).ToUnregister);
        var work = Pass(TimeSpan.FromSeconds(1), "a", Spec("x"));
        Assert.Equal("y", Assert.Single(work.ToUnregister).Name);
        Settle(work);
        Assert.Equal(ClusterStage.Departed, Entry("y").Stage);
        Assert.Equal(ClusterStage.Registered, Entry("x").Stage);
        Assert.Empty(Pass(Times.BackupsGrace * 2, "a", Spec("x")).ToDelete);
        Assert.Null(_register.Find(Key("y")));
    }

    [Fact]
    public void With_autoDelete_the_backups_go_after_the_longer_grace()
    {
        Depart("y");
        Assert.Equal(_now + Times.BackupsGrace, Entry("y").BackupsDeletedBy(Times));
        Assert.Empty(Pass(Times.BackupsGrace - TimeSpan.FromSeconds(1), "a", Spec("x")).ToDelete);
        var work = Pass(TimeSpan.FromSeconds(1), "a", Spec("x"));
        Assert.Equal([Spec("y", autoDelete: true)], work.ToDelete);
        Settle(work);
        Assert.Equal(_now, Entry("y").BackupsDeletedAt);
    }

    [Fact]
    public void Named_again_it_is_registered_again_however_far_it_was_on_its_way()
    {
        Depart("y");
        var work = Report("a", Spec("x"), Spec("y", autoDelete: true));
        Assert.Equal(["y"], Names(work.ToConfigure));
        Assert.Null(Entry("y").MissingSince);
        Settle(work);
        Assert.Empty(Pass(Times.BackupsGrace * 2, "a", Spec("x"), Spec("y", autoDelete: true)).ToDelete);
    }

    [Fact]
    public void Named_again_while_it_is_being_unregistered_its_grain_is_told_anew()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        Pass(TimeSpan.Zero, "a", Spec("x"));
        var leaving = Assert.Single(Pass(Times.Grace, "a", Spec("x")).Acts.OfType<RegisterAct.Unregister>());
        Report("a", Spec("x"), Spec("y"));
        _register.Done(leaving, _now);
        Assert.IsType<RegisterAct.Configure>(_register.NextAct(Key("y"), _now));
    }

    [Fact]
    public void Silence_an_empty_list_and_nobody_at_all_remove_nothing()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        AssertStays(() => _register.Report(File, "a", _now, null, _now));
        AssertStays(() => Report("a"));
        AssertStays(() => _register.Tick(_now));
        Assert.All(_register.Entries, e => Assert.Null(e.MissingSince));
    }

    [Fact]
    public void A_silent_reporters_last_list_stands_but_proves_nothing()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        Settle(Report("b", Spec("x")));
        AssertStays(() =>
        {
            _register.Report(File, "a", _now, null, _now);
            return Report("b", Spec("x"));
        });
        Settle(Report("a", Spec("x")));
        Assert.NotNull(Entry("y").MissingSince);
        _now += Times.Grace / 2;
        Report("b", Spec("x"));

        // From here on both are silent: the grace has to begin anew.
        AssertStays(() =>
        {
            _register.Report(File, "a", _now, null, _now);
            return _register.Report(File, "b", _now, null, _now);
        });
        Assert.Empty(Pass(TimeSpan.Zero, "a", Spec("x")).ToUnregister);
    }

    [Fact]
    public void Of_two_files_the_one_that_lacks_a_cluster_does_not_remove_it_while_the_other_names_it()
    {
        Settle(Report("older", Spec("x")));
        Settle(Report("newer", Spec("x"), Spec("y")));
        AssertStays(() =>
        {
            Report("newer", Spec("x"), Spec("y"));
            return Report("older", Spec("x"));
        });

        // Until nobody has heard of the other for three minutes.
        Assert.Null(Entry("y").MissingSince);
        Pass(RemovalTimes.Living, "older", Spec("x"));
        Assert.Equal(_now, Entry("y").MissingSince);
    }

    [Fact]
    public void Of_two_specs_the_newer_lists_is_in_force_and_stays_so()
    {
        Settle(Report("a", stamp: 1, Spec("x", interval: 10)));
        Settle(Report("b", stamp: 2, Spec("x", interval: 20)));
        for (var i = 0; i < 5; i++)
        {
            Assert.Empty(Report("a", stamp: 1, Spec("x", interval: 10)).Acts);
            Assert.Empty(Report("b", stamp: 2, Spec("x", interval: 20)).Acts);
        }

        Assert.Equal([Spec("x", interval: 30)], Report("a", stamp: 3, Spec("x", interval: 30)).ToConfigure);
        Settle(_register.Tick(_now));

        // Equally new: by the reporter's name.
        Assert.Empty(Report("b", stamp: 3, Spec("x", interval: 40)).Acts);
    }

    [Fact]
    public void The_first_of_two_sources_keeps_a_name_and_the_other_gets_it_when_it_is_free()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        var other = _register.Report("kubernetes", "k", _now, [Spec("y", interval: 5)], _now);
        Assert.Empty(other.Acts);
        Assert.Equal(File, Assert.Single(other.Owned).Source);
        Pass(TimeSpan.Zero, "a", Spec("x"));
        _now += Times.Grace;
        _register.Report("kubernetes", "k", _now, [Spec("y", interval: 5)], _now);
        var work = Report("a", Spec("x"));
        Assert.Empty(work.ToUnregister);
        Assert.Equal([Spec("y", interval: 5)], _register.Tick(_now).ToConfigure.Where(s => s.Key == Key("y")));
        Assert.Equal("kubernetes", Entry("y").Source);
    }

    private void AssertStays(Func<RegisterWork> round)
    {
        for (var passed = TimeSpan.Zero; passed < Times.BackupsGrace * 2; passed += TimeSpan.FromMinutes(2))
        {
            _now += TimeSpan.FromMinutes(2);
            var work = round();
            Assert.Empty(work.ToUnregister);
            Assert.All(_register.Tick(_now).Acts, a => Assert.IsType<RegisterAct.Configure>(a));
        }
    }

    // Time passes in which the reporter says the same again and again.
    private RegisterWork Pass(TimeSpan time, string reporter, params ClusterSpec[] specs) => Pass(time, reporter, 0, specs);

    private RegisterWork Pass(TimeSpan time, string reporter, int stamp, params ClusterSpec[] specs)
    {
        for (var end = _now + time; _now < end;)
        {
            _now = end - _now < TimeSpan.FromMinutes(2) ? end : _now + TimeSpan.FromMinutes(2);
            Report(reporter, stamp, specs);
            if (_now < end)
            {
                Settle(_register.Tick(_now));
            }
        }

        Report(reporter, stamp, specs);
        return _register.Tick(_now);
    }

    private void Depart(string name)
    {
        Settle(Report("a", Spec("x"), Spec(name, autoDelete: true)));
        Pass(TimeSpan.Zero, "a", Spec("x"));
        Settle(Pass(Times.Grace, "a", Spec("x")));
        Assert.Equal(ClusterStage.Departed, Entry(name).Stage);
    }

    private RegisterWork Report(string reporter, params ClusterSpec[] specs) => Report(reporter, 0, specs);

    private RegisterWork Report(string reporter, int stamp, params ClusterSpec[] specs) =>
        _register.Report(File, reporter, Stamp(stamp), specs, _now);

    private void Silence(string reporter, int stamp) => Settle(_register.Report(File, reporter, Stamp(stamp), null, _now));

    private static DateTimeOffset Stamp(int stamp) => DateTimeOffset.UnixEpoch.AddSeconds(stamp);

    private void Settle(RegisterWork work)
    {
        foreach (var act in work.Acts)
        {
            _register.Done(act, _now);
        }
    }

    private ClusterEntry Entry(string name) => _register.Find(Key(name))!;

    private static ClusterKey Key(string name) => new("default", name);

    private static IEnumerable<string> Names(IEnumerable<ClusterSpec> specs) => specs.Select(s => s.Key.Name);

    private static IEnumerable<string> Names(IEnumerable<ClusterKey> keys) => keys.Select(k => k.Name);

    private static ClusterSpec Spec(string name, int interval = 1800, bool autoDelete = false) => new()
    {
        Key = Key(name),
        Endpoints = [new Uri("http://127.0.0.1:2379")],
        Backup = new BackupSpec { BackupIntervalInSecond = interval, AutoDelete = autoDelete },
    };
}

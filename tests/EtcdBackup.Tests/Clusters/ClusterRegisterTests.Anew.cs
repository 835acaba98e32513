using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

/// <content>What was lost, failed or was removed, and comes anew.</content>
public partial class ClusterRegisterTests
{
    [Fact]
    public void A_lost_state_is_made_again_of_reports_and_of_grains_that_check_in()
    {
        Assert.Null(_register.CheckIn(Key("y"), null, "", _now));
        Assert.Equal(Spec("z"), _register.CheckIn(Key("z"), Spec("z"), File, _now));
        Settle(Report("a", Spec("x"), Spec("y")));
        Assert.Equal(Spec("y"), _register.CheckIn(Key("y"), null, "", _now));
        Assert.Equal(["x", "y", "z"], _register.Entries.Select(e => e.Key.Name));
        Assert.Equal(_now, Entry("z").NamedAt);
        Assert.Empty(Pass(Times.Grace - TimeSpan.FromSeconds(1), "a", Spec("x"), Spec("y")).ToUnregister);
    }

    [Fact]
    public void A_state_that_is_older_than_the_truth_removes_nothing_before_a_whole_grace_went_by_anew()
    {
        var longAgo = _now - TimeSpan.FromDays(30);
        _register.AddSaved(new ClusterEntry(Key("x"), File) { MissingSince = longAgo });
        _register.AddSaved(new ClusterEntry(Key("y"), File)
        {
            Stage = ClusterStage.Departed,
            MissingSince = longAgo,
            UnregisteredAt = longAgo,
            Spec = Spec("y", autoDelete: true),
        });
        Assert.Empty(_register.Tick(_now).Acts);
        Assert.Empty(Report("a", Spec("z")).ToUnregister);
        Assert.Empty(Pass(Times.Grace - TimeSpan.FromSeconds(1), "a", Spec("z")).ToDelete);
        Assert.Equal(Spec("y"), _register.CheckIn(Key("y"), Spec("y"), File, _now));
        Assert.Equal(["x"], Names(Pass(TimeSpan.FromSeconds(1), "a", Spec("z")).ToUnregister));
    }

    [Fact]
    public void A_person_removes_at_once_unless_somebody_names_it_and_it_does_not_come_back_by_itself()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        Assert.Equal("configuration (a)", Assert.Single(_register.NamedBy(Key("y"), _now)));
        Settle(_register.Report(File, "a", _now, null, _now));
        Assert.Empty(_register.NamedBy(Key("y"), _now));
        _register.Forget(Key("y"), _now);
        Assert.Null(_register.CheckIn(Key("y"), Spec("y"), File, _now));
        Assert.Empty(_register.Tick(_now).Acts);
        Assert.Null(_register.Find(Key("y")));
        Assert.Equal(["y"], Names(Report("a", Spec("x"), Spec("y")).ToConfigure));
    }

    [Fact]
    public void Whose_source_nobody_knows_any_more_is_taken_up_by_the_one_that_names_it()
    {
        _register.CheckIn(Key("y"), Spec("y"), "", _now);
        Report("a", Spec("x"), Spec("y", interval: 7));
        Assert.Equal(Spec("y", interval: 7), _register.Tick(_now).ToConfigure.Single(s => s.Key == Key("y")));
        Assert.Equal(File, _register.Find(Key("y"))!.Source);
    }

    [Fact]
    public void What_is_named_while_it_is_removed_is_told_to_its_grain_anew()
    {
        Settle(Report("a", Spec("x"), Spec("y")));
        _register.RemoveFromLists(Key("y"), File);
        Assert.Empty(_register.NamedBy(Key("y"), _now));
        Report("a", Spec("x"), Spec("y"));
        _register.Forget(Key("y"), _now);
        Assert.Equal(["y"], Names(_register.Tick(_now).ToConfigure));
        Assert.True(_register.Hear(File, "a", _now));
    }

    [Fact]
    public void What_failed_comes_again_less_and_less_often_and_a_mended_spec_at_once()
    {
        var work = Report("a", Spec("x"));
        _register.Failed(Key("x"), _now);
        Assert.Empty(_register.Tick(_now).Acts);
        Assert.Equal(work.Acts, _register.Tick(_now + TimeSpan.FromSeconds(2)).Acts);
        _register.Failed(Key("x"), _now);
        Assert.Empty(_register.Tick(_now + TimeSpan.FromSeconds(3)).Acts);
        Assert.Single(Report("a", Spec("x", interval: 7)).Acts);
    }

    [Fact]
    public void Every_grain_is_told_again_within_five_minutes_and_not_all_at_once()
    {
        var specs = Enumerable.Range(0, 1000).Select(i => Spec($"c{i}")).ToArray();
        Settle(Report("a", specs));
        var told = new Dictionary<string, int>();
        for (var seconds = 0; seconds < 300; seconds += 10)
        {
            var work = Pass(TimeSpan.FromSeconds(10), "a", specs);
            Assert.InRange(work.Acts.Count, 0, 150);
            foreach (var name in Names(work.ToConfigure))
            {
                told[name] = told.GetValueOrDefault(name) + 1;
            }

            Settle(work);
        }

        Assert.Equal(1000, told.Count);
    }
}

using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Tests.Clusters;

/// <content>What the age of files tells of a cluster that one of them does not name.</content>
public partial class ClusterRegisterTests
{
    [Fact]
    public void An_older_list_proves_nothing_while_a_newer_one_lies_silent()
    {
        Settle(Report("one", stamp: 1, Spec("a"), Spec("b")));
        Settle(Report("two", stamp: 2, Spec("a"), Spec("b"), Spec("x")));

        // The second silo starts again: under another name, and with a file that says nothing of clusters.
        AssertStays(() =>
        {
            Silence("two again", stamp: 3);
            return Report("one", stamp: 1, Spec("a"), Spec("b"));
        });
        Assert.Null(Entry("x").MissingSince);

        // As new as the silent one's file is new enough.
        Silence("two again", stamp: 3);
        Report("one", stamp: 3, Spec("a"), Spec("b"));
        Assert.Equal(_now, Entry("x").MissingSince);
    }

    [Fact]
    public void What_a_newer_list_named_no_older_one_removes_though_nobody_who_knew_it_is_there_any_more()
    {
        Settle(Report("one", stamp: 1, Spec("a"), Spec("b")));
        Settle(Report("two", stamp: 2, Spec("a"), Spec("x")));
        AssertStays(() => Report("one", stamp: 1, Spec("a"), Spec("b")));
        var after = new ClusterRegister(Times);
        ClusterDirectoryState.Of(_register).RestoreTo(after);
        after.Report(File, "one", Stamp(1), [Spec("a")], _now);
        Assert.Equal(["b"], after.Entries.Where(e => e.MissingSince is not null).Select(e => e.Key.Name));
        after.Report(File, "one", Stamp(2), [Spec("a")], _now);
        Assert.Equal(["b", "x"], after.Entries.Where(e => e.MissingSince is not null).Select(e => e.Key.Name));
    }

    [Fact]
    public void An_older_list_that_takes_over_does_not_end_what_a_newer_one_began()
    {
        Settle(Report("one", stamp: 1, Spec("x"), Spec("y")));
        Settle(Report("two", stamp: 3, Spec("x")));
        Settle(Report("one", stamp: 2, Spec("x")));
        Assert.Equal(_now, Entry("y").MissingSince);

        // It was last named in the first list, and the second of the same silo is newer than that.
        Assert.Equal("y", Assert.Single(Pass(Times.Grace, "one", stamp: 2, Spec("x")).ToUnregister).Name);
        Assert.Empty(Pass(Times.Grace, "one", stamp: 0, Spec("x")).ToUnregister);
    }

    [Fact]
    public void A_file_that_is_replaced_by_an_older_one_removes_nothing_and_which_clusters_that_keeps_is_known()
    {
        Settle(Report("a", stamp: 2, Spec("x"), Spec("y")));
        Assert.Empty(_register.KeptFrom(File, "a"));
        AssertStays(() => Report("a", stamp: 1, Spec("x")));
        Assert.Equal([Key("y")], _register.KeptFrom(File, "a"));

        // Touched, it tells.
        Report("a", stamp: 3, Spec("x"));
        Assert.Empty(_register.KeptFrom(File, "a"));
        Assert.Equal(_now, Entry("y").MissingSince);
    }

    [Fact]
    public void A_silent_file_that_was_never_a_list_holds_up_removals_by_older_lists_until_it_is_gone()
    {
        Settle(Report("a", stamp: 1, Spec("x"), Spec("y")));
        Silence("b", stamp: 5);
        Settle(Report("a", stamp: 2, Spec("x")));
        Assert.Null(Entry("y").MissingSince);
        Pass(RemovalTimes.Living, "a", stamp: 2, Spec("x"));
        Assert.Equal(_now, Entry("y").MissingSince);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_as_new_as_the_list_that_it_held()
    {
        Settle(Report("a", stamp: 1, Spec("x")));
        Settle(Report("b", stamp: 2, Spec("x")));
        Settle(Report("c", stamp: 1, Spec("x"), Spec("y")));
        Settle(Report("c", stamp: 1, Spec("x")));
        Assert.NotNull(Entry("y").MissingSince);
        _register.Report(File, "b", DateTimeOffset.MinValue, null, _now);
        Assert.Null(Entry("y").UnregisteredBy(Times));
    }
}

using CsCheck;
using EtcdBackup.Catalog;

namespace EtcdBackup.Tests.Catalog;

public class LineageTests
{
    private static readonly ClusterPosition At = new("c1", 100, 5, 1000);

    [Theory]
    [InlineData("c1", 100, 5, 1000, Progress.Unchanged)]
    [InlineData("c1", 100, 6, 1001, Progress.Unchanged)] // an election and a lease: no new revision
    [InlineData("c1", 101, 5, 1001, Progress.Advanced)]
    [InlineData("c1", 99, 5, 1000, Progress.WentBack)]
    [InlineData("c1", 100, 4, 1000, Progress.WentBack)]
    [InlineData("c1", 100, 5, 999, Progress.WentBack)] // restored in place and written up to the same revision
    [InlineData("c1", 200, 2, 300, Progress.WentBack)] // … and beyond it
    [InlineData("c2", 100, 5, 1000, Progress.OtherHistory)]
    [InlineData("c2", 500, 9, 9000, Progress.OtherHistory)]
    public void A_position_is_compared_with_the_recorded_one(string cluster, long revision, ulong term, ulong index, Progress expected) =>
        Assert.Equal(expected, Lineage.Compare(At, new ClusterPosition(cluster, revision, term, index)));

    [Fact]
    public void The_first_look_always_takes_a_backup() => Assert.Equal(Progress.Advanced, Lineage.Compare(null, At));

    [Fact]
    public void Later_histories_have_tags_that_never_repeat()
    {
        var first = Lineage.After(null, "c1");
        Assert.Equal(new Lineage("c1", 1, ""), first);
        var tags = Enumerable.Range(0, 1000).Select(_ => Lineage.After(first, "c1").Tag).ToHashSet();
        Assert.Equal(1000, tags.Count);
        Assert.All(tags, t => Assert.Matches("^[0-9a-f]{8}$", t));
    }

    // A model of a cluster's life: what is backed up must be what the model says is new, whatever happens in whatever order.
    [Fact]
    public void Over_random_histories_a_new_history_is_never_taken_for_the_old_one_and_no_change_is_missed()
    {
        var step = Gen.Frequency((6, Gen.Const("write")), (2, Gen.Const("lease")), (2, Gen.Const("election")), (1, Gen.Const("member change")), (1, Gen.Const("raft restart")), (1, Gen.Const("restore")), (1, Gen.Const("recreate")), (4, Gen.Const("backup")));
        step.Array[1, 60].Sample(steps =>
        {
            var (history, clusterId, revision, term, index) = (0, 0, 1L, 2UL, 4UL);
            ClusterPosition? recorded = null;
            Lineage? lineage = null;
            var recordedHistory = -1;
            foreach (var s in steps)
            {
                switch (s)
                {
                    case "write": revision++; index++; break;
                    case "lease" or "member change": index++; break;
                    case "raft restart": break;
                    case "election": term++; index++; break;
                    case "restore" when recorded is not null:
                        // etcdutl snapshot restore: raft starts over, the data is the backup's
                        history++; revision = recorded.Revision; term = 2; index = 4;
                        break;
                    case "recreate": history++; clusterId++; revision = 1; term = 2; index = 4; break;
                    case "backup":
                        var now = new ClusterPosition($"c{clusterId}", revision, term, index);
                        var change = Lineage.Compare(recorded, now);
                        var isNew = change is Progress.WentBack or Progress.OtherHistory;
                        // Not seen as another history only if nothing observable tells: equal or higher in every respect.
                        var hidden = recorded is not null && recorded.ClusterId == now.ClusterId && revision >= recorded.Revision && term >= recorded.RaftTerm && index >= recorded.RaftIndex;
                        if (recorded is not null && history != recordedHistory && !hidden && !isNew)
                        {
                            return false;
                        }

                        if (history == recordedHistory && (isNew || (change == Progress.Unchanged) != (revision == recorded!.Revision)))
                        {
                            return false;
                        }

                        if (change != Progress.Unchanged)
                        {
                            var next = isNew ? Lineage.After(lineage, now.ClusterId) : lineage ?? Lineage.After(null, now.ClusterId);
                            if (isNew && (next.Incarnation <= lineage!.Incarnation || next.Tag == lineage.Tag))
                            {
                                return false;
                            }

                            (recorded, lineage, recordedHistory) = (now, next, history);
                        }

                        break;
                }
            }

            return true;
        });
    }
}

using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Stores;

namespace EtcdBackup.Simulation.Tests;

/// <summary>What a run does step by step, where only a simulated world stands still at the right moment.</summary>
public class RunTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void After_the_wait_for_a_slot_the_cluster_is_looked_at_again(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var (one, slots) = (scenario["one"], scenario.Silo.Services.Slots.Snapshots);
        var held = slots.TryEnter(StoreProvider.PlaceOf(one.Spec.Backup))!;
        one.Etcd.Elect();
        one.Etcd.Write(5);
        var reply = scenario.BackupNow("one");
        scenario.Run(20);
        Assert.Null(reply());

        // What the first look found is of the past by now.
        one.Etcd.Restore(one.Contents(1)!, keepsId: true);
        one.Etcd.Write(1);
        held.Dispose();
        scenario.Run(10);
        Assert.Equal((RunResult.Succeeded, 2), (reply()!.Outcome.Result, reply()!.Backup!.Incarnation));
        Assert.Equal(one.Etcd.Head.Revision, reply()!.Backup!.Revision);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_run_that_stands_still_is_ended_and_told_and_leaves_its_slots(int seed)
    {
        var scenario = new Scenario(seed, "mute", "mute2", "mute3", "well").Start();
        scenario.Run(30);
        foreach (var name in new[] { "mute", "mute2", "mute3" })
        {
            (scenario[name].Etcd.IsStuck, scenario[name].Etcd.IsMute) = (true, true);
        }

        var reply = scenario.BackupNow("mute");
        scenario.Run(4 * 30 + 30);
        Assert.Equal(RunResult.TimedOut, reply()!.Outcome.Result);
        Assert.Contains("made no progress", reply()!.Outcome.Message, StringComparison.Ordinal);

        // More of them than there are slots for checks: all are told, again and again, and the one that is well goes on.
        scenario.Run(600);
        Assert.All(["mute", "mute2", "mute3"], n =>
            Assert.Contains(scenario.Ended, e => e.Cluster == n && e.Outcome.Result == RunResult.TimedOut));
        scenario["well"].Etcd.Write(1);
        var well = scenario.BackupNow("well");
        scenario.Run(150);
        Assert.Equal(RunResult.Succeeded, well()!.Outcome.Result);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_slot_is_held_while_a_store_does_not_answer(int seed)
    {
        string[] dead = ["dead", "dead2", "dead3", "dead4", "dead5"];
        var scenario = new Scenario(seed, [.. dead, "well"]);
        foreach (var name in dead)
        {
            scenario[name].Store.Mood = StoreMood.Hanging;
        }

        scenario.Start();
        scenario.Run(20);
        Assert.NotEmpty(scenario["well"].Backups());
        Assert.DoesNotContain(scenario.Ended, e => e.Cluster != "well");
        scenario.Run(100);
        Assert.All(dead, n => Assert.Contains(scenario.Ended, e => e.Cluster == n && e.Outcome.Result == RunResult.StoreFailed));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_look_that_finds_nothing_new_is_remembered(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var one = scenario["one"];
        var before = scenario.Grain("one").State.State.Look!.Position;
        one.Etcd.Elect();
        one.Etcd.Heal();
        var reply = scenario.BackupNow("one");
        scenario.Run(20);
        Assert.Equal(RunResult.Unchanged, reply()!.Outcome.Result);
        var after = scenario.Grain("one").State.State.Look!.Position;
        Assert.True(after.RaftIndex > before.RaftIndex, $"{before} and {after}");
        Assert.Equal(after, scenario.States.Peek(one.Key.ToString())!.Position);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_cluster_made_anew_that_stands_where_the_old_one_stood_or_beyond_is_another(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var one = scenario["one"];
        var before = one.Etcd.Head;
        one.Etcd.Recreate(keepsId: true);
        one.Etcd.Write((int)(before.Revision - one.Etcd.Head.Revision) + (seed % 2));
        Assert.True(one.Etcd.Head.Revision >= before.Revision);
        var reply = scenario.BackupNow("one");
        scenario.Run(20);
        Assert.Equal((RunResult.Succeeded, 2), (reply()!.Outcome.Result, reply()!.Backup!.Incarnation));
        Assert.Equal(2, one.Backups().Count());

        reply = scenario.BackupNow("one");
        scenario.Run(20);
        Assert.Equal((RunResult.Unchanged, 2), (reply()!.Outcome.Result, reply()!.Backup!.Incarnation));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_backup_lists_its_store_at_most_once(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var one = scenario["one"];
        one.Etcd.Write(1);
        var before = one.Store.Listings;
        var reply = scenario.BackupNow("one");
        scenario.Run(20);
        Assert.Equal((RunResult.Succeeded, before + 1), (reply()!.Outcome.Result, one.Store.Listings));
        reply = scenario.BackupNow("one");
        scenario.Run(20);
        Assert.Equal((RunResult.Unchanged, before + 1), (reply()!.Outcome.Result, one.Store.Listings));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_backup_is_as_old_as_the_beginning_of_its_snapshot(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var one = scenario["one"];
        one.Etcd.Write(1);
        one.Store.Mood = StoreMood.Slow;
        var asked = scenario.World.Now;
        var reply = scenario.BackupNow("one");
        scenario.Run(120);
        var metadata = reply()!.Backup!.Metadata!;
        var proven = reply()!.Outcome.StartedAt + TimeSpan.FromSeconds(metadata.DurationSeconds);
        Assert.InRange(metadata.CreationTime, asked, proven - TimeSpan.FromMilliseconds(5));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_removal_that_breaks_off_is_not_done_and_the_cluster_goes_on(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var (one, grain) = (scenario["one"], scenario.Grain("one"));
        one.Store.Mood = StoreMood.Hanging;
        Exception? why = null;
        grain.Actor.Do(async () => why = await Record.ExceptionAsync(() => grain.Clock.RemoveAsync(deleteBackups: true)));
        scenario.Run(60);
        Assert.IsType<StoreException>(why);
        Assert.NotNull(grain.State.State.Spec);
        one.Store.Heal();
        one.Etcd.Write(1);
        scenario.Run(120);
        Assert.Contains(one.Backups(), b => b.Object.Content == one.Etcd.Head);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_store_that_is_another_one_by_the_commit_gets_the_backup_at_the_second_look(int seed)
    {
        var scenario = Scenario.OfOne(seed);
        var (one, grain) = (scenario["one"], scenario.Grain("one"));
        one.Etcd.Write(1);
        var snapshots = 0;
        var (bytes, other) = (0L, one.Spec with { Backup = one.Spec.Backup with { S3 = new S3Spec { S3Bucket = "other" } } });
        var reply = scenario.BackupNow("one");
        for (var i = 0; i < 3_000; i++)
        {
            scenario.Run(0.01);
            var now = grain.Clock.Summary().Running?.Bytes ?? 0;
            snapshots += now > 0 && bytes == 0 ? 1 : 0;
            if (snapshots == 1 && now > bytes && other is not null)
            {
                var spec = other;
                grain.Actor.Do(() => grain.Clock.ConfigureAsync(spec, "configuration", TimeSpan.Zero));
                other = null;
            }

            bytes = now;
        }

        Assert.Null(other);
        Assert.Equal((RunResult.Succeeded, null), (reply()!.Outcome.Result, reply()!.Outcome.Message));
        Assert.InRange(snapshots, 1, 2);
    }

    [Fact]
    public void A_silo_that_stops_begins_nothing_and_does_not_spin()
    {
        var scenario = Scenario.OfOne(1);
        var stop = scenario.Silo.Services.Stop;
        using var work = stop.TryBegin();
        _ = stop.StopAsync(TimeSpan.FromDays(1));
        var runs = scenario.Ended.Count;
        scenario.Run(600);
        Assert.Equal(runs, scenario.Ended.Count);
    }
}

using CsCheck;
using EtcdBackup.Scheduling;

namespace EtcdBackup.Tests.Scheduling;

public class ScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    [Fact]
    public void The_rhythm_does_not_drift()
    {
        var next = Schedule.AfterSuccess(Now, Now, Interval, 0.3);
        Assert.Equal(Now.AddSeconds(9), next);
        Assert.Equal(next + Interval, Schedule.AfterSuccess(next, next.AddSeconds(5), Interval, 0.3));
        Assert.Equal(next + Interval, Schedule.AfterSuccess(next, next.AddMilliseconds(-3), Interval, 0.3));
    }

    [Fact]
    public void Clusters_that_were_due_together_do_not_stay_together()
    {
        var next = Enumerable.Range(0, 10_000)
            .Select(i => Schedule.AfterSuccess(Now, Now.AddSeconds(1), TimeSpan.FromSeconds(300), Schedule.PlaceOf($"default/c{i}")));
        var perSecond = next.GroupBy(n => (long)(n - Now).TotalSeconds).Select(g => g.Count()).ToArray();
        Assert.True(perSecond.Length > 295 && perSecond.Max() < 70, $"{perSecond.Length} seconds, at most {perSecond.Max()} in one");
    }

    [Fact]
    public void A_backup_longer_than_the_interval_does_not_run_into_the_next() =>
        Assert.Equal(Now + Interval, Schedule.AfterSuccess(Now.AddSeconds(-100), Now, Interval, 0));

    [Fact]
    public void After_downtime_an_overdue_backup_runs_at_once() => Assert.Equal(Now, Schedule.OnWake(Now.AddHours(-5), Now, Interval));

    [Fact]
    public void A_due_time_to_come_is_kept() => Assert.Equal(Now.AddSeconds(10), Schedule.OnWake(Now.AddSeconds(10), Now, Interval));

    [Fact]
    public void A_clock_that_was_hours_ahead_starves_no_cluster() =>
        Assert.Equal(Now + Interval, Schedule.OnWake(Now.AddHours(9), Now, Interval));

    // Silos whose clocks are minutes apart, one after the other: the true time between two looks stays within two intervals, and no
    // cluster is asked without end.
    [Fact]
    public void Wrong_clocks_neither_starve_nor_flood_a_cluster() =>
        Gen.Select(Gen.Int[-600, 600].Array[2, 12], Gen.Int[30, 3600], Gen.Double[0, 0.999]).Sample((skews, seconds, place) =>
        {
            var interval = TimeSpan.FromSeconds(seconds);
            var trueTime = Now;
            DateTimeOffset? due = null;
            var runs = new List<DateTimeOffset>();
            foreach (var skew in skews.Select(s => TimeSpan.FromSeconds(s)))
            {
                // the cluster moves to a silo with this clock, and has two turns there
                for (var turn = 0; turn < 2; turn++)
                {
                    var wait = Schedule.OnWake(due, trueTime + skew, interval) - (trueTime + skew);
                    trueTime += wait;
                    runs.Add(trueTime);
                    due = Schedule.AfterSuccess(due ?? trueTime + skew, trueTime + skew, interval, place);
                }
            }

            var gaps = runs.Zip(runs.Skip(1), (a, b) => b - a).ToArray();
            return gaps.All(g => g <= interval) && gaps.Count(g => g < TimeSpan.FromMilliseconds(1)) <= skews.Length;
        });

    [Fact]
    public void The_next_time_is_always_ahead_and_within_one_interval() =>
        Gen.Select(Gen.Int[-100_000, 100_000], Gen.Int[1, 86_400], Gen.Int[1, 100], Gen.Double[0, 0.999])
            .Sample((dueIn, seconds, failures, jitter) =>
        {
            var interval = TimeSpan.FromSeconds(seconds);
            var success = Schedule.AfterSuccess(Now.AddSeconds(dueIn), Now, interval, jitter);
            var failure = Schedule.AfterFailure(Now, interval, failures, jitter);
            return success > Now && success <= Now + interval && failure > Now && failure <= Now + interval;
        });

    [Fact]
    public void Retries_come_less_and_less_often_up_to_five_minutes()
    {
        var waits = Enumerable.Range(1, 12).Select(n => Schedule.AfterFailure(Now, TimeSpan.FromHours(1), n, 1) - Now).ToArray();
        Assert.Equal(waits.Order(), waits);
        Assert.Equal(TimeSpan.FromSeconds(2), waits[0]);
        Assert.Equal(TimeSpan.FromMinutes(5), waits[^1]);
    }

    [Fact]
    public void Retries_are_spread_over_half_to_all_of_the_delay_which_is_no_longer_than_the_interval()
    {
        var hour = TimeSpan.FromHours(1);
        Assert.Equal(Now.AddSeconds(1), Schedule.AfterFailure(Now, hour, 1, 0));
        Assert.Equal(Now.AddSeconds(1.5), Schedule.AfterFailure(Now, hour, 1, 0.5));
        Assert.Equal(Now + Interval, Schedule.AfterFailure(Now, Interval, 99, 1));
        Assert.Equal(Now + (Interval / 2), Schedule.AfterFailure(Now, Interval, 99, 0));
    }

    [Fact]
    public void A_run_that_was_requested_right_before_its_moment_takes_that_moments_place_only_if_a_timer_may_be_that_early()
    {
        Assert.Equal(Now + Interval, Schedule.AfterSuccess(Now, Now.AddMilliseconds(-99), Interval, 0));
        Assert.Equal(Now, Schedule.AfterSuccess(Now, Now.AddMilliseconds(-100), Interval, 0));
    }

    // Silos of different builds run side by side during an update.
    [Theory]
    [InlineData("default/example", 0.510264587304)]
    [InlineData("", 0.175880433345)]
    public void A_clusters_place_is_the_same_in_every_silo_and_build(string cluster, double place) =>
        Assert.Equal(place, Schedule.PlaceOf(cluster), 12);

    [Fact]
    public void Every_place_is_within_the_interval() => Gen.String.Sample(name => Schedule.PlaceOf(name) is >= 0 and < 1);
}

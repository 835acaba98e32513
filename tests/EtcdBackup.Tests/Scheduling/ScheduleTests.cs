using CsCheck;
using EtcdBackup.Scheduling;

namespace EtcdBackup.Tests.Scheduling;

public class ScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    [Fact]
    public void The_rhythm_does_not_drift() => Assert.Equal(Now.AddSeconds(25), Schedule.AfterSuccess(Now.AddSeconds(-5), Now, Interval));

    [Fact]
    public void A_backup_longer_than_the_interval_does_not_run_into_the_next() =>
        Assert.Equal(Now + Interval, Schedule.AfterSuccess(Now.AddSeconds(-100), Now, Interval));

    [Fact]
    public void After_downtime_an_overdue_backup_runs_at_once() => Assert.Equal(Now, Schedule.OnWake(Now.AddHours(-5), Now, Interval));

    [Fact]
    public void A_due_time_to_come_is_kept() => Assert.Equal(Now.AddSeconds(10), Schedule.OnWake(Now.AddSeconds(10), Now, Interval));

    [Fact]
    public void A_clock_that_was_hours_ahead_starves_no_cluster() => Assert.Equal(Now + Interval, Schedule.OnWake(Now.AddHours(9), Now, Interval));

    [Fact]
    public void The_next_time_is_always_ahead_and_within_one_interval() =>
        Gen.Select(Gen.Int[-100_000, 100_000], Gen.Int[1, 86_400], Gen.Int[1, 100], Gen.Double[0, 1]).Sample((dueIn, seconds, failures, jitter) =>
        {
            var interval = TimeSpan.FromSeconds(seconds);
            var success = Schedule.AfterSuccess(Now.AddSeconds(dueIn), Now, interval);
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
}

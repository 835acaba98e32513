namespace EtcdBackup.Scheduling;

/// <summary>Decides when a cluster's next backup is due; pure.</summary>
public static class Schedule
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(5);

    /// <summary>After a backup, or a look that found nothing new: one interval after it was due, so that the rhythm does not drift; never in the past.</summary>
    public static DateTimeOffset AfterSuccess(DateTimeOffset due, DateTimeOffset now, TimeSpan interval)
    {
        var next = due + interval;
        return next > now && next <= now + interval ? next : now + interval;
    }

    /// <summary>After a failure: soon, then less and less often up to five minutes; never later than the next regular time.</summary>
    /// <param name="now">The time of the failure.</param>
    /// <param name="interval">The cluster's interval.</param>
    /// <param name="failuresInRow">1 for the first failure.</param>
    /// <param name="jitter">0 to 1; spreads the retries of clusters that failed together over half to all of the delay.</param>
    public static DateTimeOffset AfterFailure(DateTimeOffset now, TimeSpan interval, int failuresInRow, double jitter)
    {
        var delay = Math.Min(FirstRetry.TotalSeconds * Math.Pow(2, Math.Clamp(failuresInRow - 1, 0, 20)), LongestRetry.TotalSeconds);
        return now + TimeSpan.FromSeconds(Math.Min(delay, interval.TotalSeconds) * (0.5 + (jitter / 2)));
    }

    /// <summary>When a grain that just woke should run: at its due time, at once if that is past, and within one interval however wrong a clock was.</summary>
    public static DateTimeOffset OnWake(DateTimeOffset? due, DateTimeOffset now, TimeSpan interval)
    {
        if (due is not { } at || at < now)
        {
            return now;
        }

        return at > now + interval ? now + interval : at;
    }
}

using EtcdBackup.Clusters;
using System.IO.Hashing;
using System.Text;

namespace EtcdBackup.Scheduling;

/// <summary>Decides when a cluster's next backup is due; pure.</summary>
internal static class Schedule
{
    private static readonly Backoff Retry = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5));
    private static readonly TimeSpan EarlyTimer = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// After a backup, or a check that found nothing new: the cluster's next own moment. Each cluster has a place in the interval, from its
    /// name, so that clusters that became due together, by registration or after an outage, do not stay together. The rhythm does not
    /// drift, and does not move when a backup is requested in between.
    /// </summary>
    /// <param name="due">When this run was due.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="interval">The cluster's interval.</param>
    /// <param name="place">The cluster's place in the interval, from 0 to below 1.</param>
    public static DateTimeOffset AfterSuccess(DateTimeOffset due, DateTimeOffset now, TimeSpan interval, double place)
    {
        // A timer may fire a moment early: the run still counts for this moment.
        var last = due > now && due - now < EarlyTimer ? due : now;
        var offset = (long)(interval.Ticks * place);
        var begun = (last.UtcTicks - offset) / interval.Ticks;
        return new DateTimeOffset(((begun + 1) * interval.Ticks) + offset, TimeSpan.Zero);
    }

    /// <summary>A cluster's place in its interval, from 0 to below 1: the same in every silo.</summary>
    public static double PlaceOf(string cluster) => (XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(cluster)) >> 11) / (double)(1UL << 53);

    /// <summary>After a failure: soon, then less and less often up to five minutes; never later than the next regular time.</summary>
    /// <param name="now">The time of the failure.</param>
    /// <param name="interval">The cluster's interval.</param>
    /// <param name="failuresInRow">1 for the first failure.</param>
    /// <param name="jitter">0 to 1; spreads the retries of clusters that failed together over half to all of the delay.</param>
    public static DateTimeOffset AfterFailure(DateTimeOffset now, TimeSpan interval, int failuresInRow, double jitter)
    {
        var delay = Retry.After(failuresInRow);
        return now + ((delay < interval ? delay : interval) * (0.5 + (jitter / 2)));
    }

    /// <summary>
    /// When a grain that was just activated should run: at its due time, at once if that is past, and within one interval however wrong a
    /// clock was.
    /// </summary>
    public static DateTimeOffset OnWake(DateTimeOffset? due, DateTimeOffset now, TimeSpan interval)
    {
        if (due is not { } at || at < now)
        {
            return now;
        }

        return at > now + interval ? now + interval : at;
    }
}

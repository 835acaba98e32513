using System.Globalization;

namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>What facts say of a cluster. A problem of which they say nothing is neither found nor ended: it stays as it was.</summary>
/// <param name="Found">The problems that it has.</param>
/// <param name="Ended">The open problems that it has no more.</param>
internal sealed record Judgement(IReadOnlyList<Finding> Found, IReadOnlyList<OpenProblem> Ended)
{
    /// <summary>Judges a cluster.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="open">Its open problems.</param>
    /// <param name="rules">What counts as a problem.</param>
    /// <param name="now">The present moment.</param>
    public static Judgement Of(WatchedCluster facts, IReadOnlyList<OpenProblem> open, WatchRules rules, DateTimeOffset now)
    {
        Finding[] found =
        [
            .. Failed(facts, rules),
            .. Stale(facts, rules, now),
            .. facts.Stored?.Damaged ?? [],
            .. facts.Stored?.Differing ?? [],
            .. facts.Stored?.Alarms ?? [],
        ];
        return new Judgement(found, [.. open.Where(o => !Array.Exists(found, o.Is) && IsOver(o, facts, rules, now))]);
    }

    private static IEnumerable<Finding> Failed(WatchedCluster facts, WatchRules rules)
    {
        if (facts.FailuresInRow < rules.AfterFailures || facts.LastRun is not { } last)
        {
            return [];
        }

        var since = facts.FirstFailure ?? last.StartedAt;
        return
        [
            new Finding(EventKind.Failed, "", since,
                $"The backup of {facts.Cluster} failed {facts.FailuresInRow} times in a row; {LastSuccess(facts)}. " +
                    $"The last failure ({last.Result}): {last.Message ?? "no message"}")
            {
                // All failures since one success are one problem, however many of them are still remembered.
                Anchor = facts.LastSuccess ?? facts.FirstDue,
            },
        ];
    }

    private static IEnumerable<Finding> Stale(WatchedCluster facts, WatchRules rules, DateTimeOffset now)
    {
        if (facts.Interval is not { } interval || !IsStale(facts, interval, rules, now))
        {
            return [];
        }

        var since = facts.LastSuccess ?? facts.FirstDue;
        return
        [
            new Finding(EventKind.Stale, "", since,
                $"{facts.Cluster} had no backup for more than {rules.StaleAfterIntervals} intervals of {Seconds(interval)}; " +
                    $"{LastSuccess(facts)}. See its status and the service's log"),
        ];
    }

    private static bool IsStale(WatchedCluster facts, TimeSpan interval, WatchRules rules, DateTimeOffset now) =>
        now - (facts.LastSuccess ?? facts.FirstDue) > interval * rules.StaleAfterIntervals;

    // A grain that lost its state knows of no failure and of no success: that ends nothing.
    private static bool IsOver(OpenProblem open, WatchedCluster facts, WatchRules rules, DateTimeOffset now) => open.Kind switch
    {
        EventKind.Failed => facts is { FailuresInRow: 0, LastSuccess: { } success } && success > open.Since,
        EventKind.Stale => facts is { LastSuccess: not null, Interval: { } interval } && !IsStale(facts, interval, rules, now),
        EventKind.Damaged => facts.Stored?.Damaged is not null,
        EventKind.MembersDiffer => facts.Stored?.Differing is not null,
        EventKind.Alarm => facts.Stored?.Alarms is not null,
        _ => throw new ArgumentOutOfRangeException(nameof(open), open.Kind, "no kind of a problem"),
    };

    private static string LastSuccess(WatchedCluster facts) => facts.LastSuccess is { } at
        ? string.Create(CultureInfo.InvariantCulture, $"the last success was at {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}")
        : "it never had one";

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s");
}

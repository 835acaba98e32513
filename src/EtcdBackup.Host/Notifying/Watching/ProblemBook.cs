using System.Globalization;
using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>The open problems of all clusters: decides what is new, what is told again, and what ended.</summary>
/// <param name="open">The open problems by cluster; changed in place.</param>
/// <param name="rules">What counts as a problem.</param>
internal sealed class ProblemBook(Dictionary<string, List<OpenProblem>> open, WatchRules rules)
{
    private const int LongestMessage = 2000;

    // A store that rots altogether is told by some of its backups.
    private const int OpenAtMost = 20;

    /// <summary>The open problems of a cluster.</summary>
    public IReadOnlyList<OpenProblem> Of(ClusterKey cluster) => open.GetValueOrDefault(cluster.ToString()) ?? [];

    /// <summary>All clusters with open problems.</summary>
    public IEnumerable<ClusterKey> Clusters => open.Keys.Select(ClusterKey.Parse);

    /// <summary>Takes in what is known of a cluster.</summary>
    /// <returns>What is to be told; empty if nothing changed.</returns>
    public IReadOnlyList<Notification> Take(WatchedCluster facts, DateTimeOffset now)
    {
        var known = Of(facts.Cluster);
        var judgement = Judgement.Of(facts, known, rules, now);
        var told = new List<Notification>();
        var left = known.Except(judgement.Ended).ToList();
        foreach (var ended in judgement.Ended)
        {
            told.Add(Ended(ended, facts.Cluster, now, $"Over: {ended.Message}") with { LastSuccess = facts.LastSuccess });
        }

        foreach (var finding in judgement.Found)
        {
            var at = left.FindIndex(o => o.Is(finding));
            if (at < 0 && left.Count(o => o.Kind == finding.Kind) < OpenAtMost)
            {
                left.Add(Opened(finding, facts.Cluster, now));
                told.Add(Begun(left[^1], facts, now));
            }
            else if (at >= 0 && rules.RepeatEvery > TimeSpan.Zero && now - left[at].ToldAt >= rules.RepeatEvery)
            {
                left[at] = left[at] with { Message = Short(finding.Message), ToldAt = now, Times = left[at].Times + 1 };
                told.Add(Begun(left[at], facts, now));
            }
        }

        Keep(facts.Cluster, left);
        return told;
    }

    /// <summary>Ends all problems of a cluster that is no longer backed up.</summary>
    public IReadOnlyList<Notification> Forget(ClusterKey cluster, DateTimeOffset now)
    {
        var ended = Of(cluster);
        Keep(cluster, []);
        return [.. ended.Select(o => Ended(o, cluster, now, $"{cluster} is no longer backed up. Before: {o.Message}"))];
    }

    private static OpenProblem Opened(Finding finding, ClusterKey cluster, DateTimeOffset now) => new()
    {
        Id = IdOf(finding, cluster),
        Kind = finding.Kind,
        Subject = finding.Subject,
        Since = finding.Since,
        Message = Short(finding.Message),
        ToldAt = now,
    };

    private static Notification Begun(OpenProblem problem, WatchedCluster facts, DateTimeOffset now) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"{problem.Id}/{problem.Times}"),
        Event = problem.Kind,
        Problem = problem,
        Cluster = facts.Cluster,
        At = now,
        Message = problem.Message,
        LastSuccess = facts.LastSuccess,
        FailuresInRow = facts.FailuresInRow,
    };

    private static Notification Ended(OpenProblem problem, ClusterKey cluster, DateTimeOffset now, string message) => new()
    {
        Id = $"{problem.Id}/over",
        Event = EventKind.Recovered,
        Problem = problem,
        Cluster = cluster,
        At = now,
        Message = Short(message),
    };

    // Nothing in it is by chance: whoever finds the same problem anew, after a lost state or on another silo, gives it the same id.
    private static string IdOf(Finding finding, ClusterKey cluster) => string.Join('/', new[]
    {
        cluster.ToString(), EventNames.Of(finding.Kind), finding.Subject.Replace(' ', '-'),
        finding.Anchor.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture),
    }.Where(p => p != ""));

    private static string Short(string message) => message.Length <= LongestMessage ? message : message[..LongestMessage] + "…";

    private void Keep(ClusterKey cluster, List<OpenProblem> problems)
    {
        if (problems.Count > 0)
        {
            open[cluster.ToString()] = problems;
        }
        else
        {
            open.Remove(cluster.ToString());
        }
    }
}

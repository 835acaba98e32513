using System.Globalization;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Checking;

/// <summary>What a monitoring system is told: a line of which many show no more, and one for each cluster that is not well; pure.</summary>
internal static class CheckReport
{
    // As the monitoring plugins put states together: what is known to be bad goes before what is not known.
    private static readonly State[] FromBest = [State.Ok, State.Unknown, State.Warning, State.Critical];

    /// <summary>The worst state, and the lines.</summary>
    public static (State State, IReadOnlyList<string> Lines) Of(IReadOnlyList<Finding> findings, Limits limits, DateTimeOffset now)
    {
        var bad = findings.Select(f => (f.Cluster, Problems: f.Problems(limits, now))).Where(f => f.Problems.Count > 0)
            .OrderByDescending(f => Array.IndexOf(FromBest, f.Problems[0].State)).ThenBy(f => f.Cluster, StringComparer.Ordinal)
            .Select(f => (f.Problems[0].State, Text: Line(f.Cluster, f.Problems), Short: Line(f.Cluster, [f.Problems[0]]))).ToArray();
        var state = findings.Count == 0 ? State.Unknown : bad.Length == 0 ? State.Ok : bad[0].State;
        var summary = (findings.Count, bad.Length) switch
        {
            (0, _) => "there is no cluster that you may see",
            (_, 0) => $"{findings.Count} of {findings.Count} clusters are well",
            (_, 1) => $"1 of {findings.Count} clusters is not well: {bad[0].Text}",
            _ => $"{bad.Length} of {findings.Count} clusters are not well, the worst is {bad[0].Short}",
        };
        var first = string.Create(CultureInfo.InvariantCulture, $"{Word(state)} - {summary} | age={OldestAge(findings, now)};;" +
            $"{limits.MaxAge.TotalSeconds:0} bad={bad.Length} clusters={findings.Count}");
        return (state, [first, .. bad.Length > 1 ? bad.Select(b => $"{Word(b.State)} {b.Text}") : []]);
    }

    // U: the plugins' word for a number that is not known.
    private static string OldestAge(IReadOnlyList<Finding> findings, DateTimeOffset now)
    {
        var successes = findings.Select(f => f.Status?.Time("lastSuccess")).ToArray();
        return successes.Length == 0 || successes.Contains(null) ? "U"
            : string.Create(CultureInfo.InvariantCulture, $"{(now - successes.Min()!.Value).TotalSeconds:0}s");
    }

    // A pipe begins the numbers for the monitoring system.
    private static string Line(string cluster, IReadOnlyList<(State State, string Why)> problems) =>
        $"{cluster}: {string.Join("; ", problems.Select(p => p.Why))}".Replace('|', '/').ReplaceLineEndings(" ");

    private static string Word(State state) => state.ToString().ToUpperInvariant();
}

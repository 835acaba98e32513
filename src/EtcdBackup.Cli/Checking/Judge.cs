using System.Text.Json;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Checking;

/// <summary>Judges a cluster by its status; pure.</summary>
internal static class Judge
{
    /// <summary>What is wrong, the worst first; empty if all is well.</summary>
    public static IReadOnlyList<(State State, string Why)> Of(JsonElement status, Limits limits, DateTimeOffset now) =>
        [.. All(status, limits, now).OrderByDescending(p => p.State)];

    private static IEnumerable<(State State, string Why)> All(JsonElement status, Limits limits, DateTimeOffset now)
    {
        if (status.Time("lastSuccess") is not { } success)
        {
            yield return (State.Critical, "no backup ever succeeded");
        }
        else if (now - success > limits.MaxAge)
        {
            yield return (State.Critical, $"no success for {Say.Span(now - success)} (at most {Say.Span(limits.MaxAge)})");
        }

        if (status.Number("backups") < limits.MinCount)
        {
            yield return (State.Critical, $"{status.Text("backups")} backups (at least {limits.MinCount})");
        }

        var size = status.TryGetProperty("recentBackup", out var recent) ? recent.Number("size") : 0;
        if (size < limits.MinSize)
        {
            yield return (State.Critical, $"the latest has {Say.Megabytes(size)} (at least {Say.Megabytes(limits.MinSize)})");
        }

        if (status.List("damaged") is { Count: > 0 } damaged)
        {
            yield return (State.Critical, $"{damaged.Count} damaged: {damaged[0]}");
        }

        if (status.TryGetProperty("membersDiffer", out var differ))
        {
            yield return (State.Critical, $"members differ: {differ}");
        }

        if (status.TryGetProperty("storeProblem", out var store))
        {
            yield return (State.Warning, $"the store: {store}");
        }

        if (status.Number("failuresInRow") > 0)
        {
            var last = status.List("lastRuns") is [var run, ..] ? $": {run.Text("message")}" : "";
            yield return (State.Warning, $"{status.Text("failuresInRow")} failures in a row{last}");
        }

        foreach (var warning in status.List("warnings"))
        {
            yield return (State.Warning, warning.ToString());
        }
    }
}

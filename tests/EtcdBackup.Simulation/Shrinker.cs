namespace EtcdBackup.Simulation;

/// <summary>Makes a failing history short enough to be read: takes steps away as long as it still fails.</summary>
internal static class Shrinker
{
    /// <summary>The shortest failing history found, as a story.</summary>
    public static string Tell(int seed, int count, Planted planted = Planted.Nothing)
    {
        // The same kind of failure must be left, not just any.
        var steps = Step.Of(seed, count).ToList();
        steps = Shrink(seed, steps, planted, KindOf(new History(seed, planted).Run(steps).Violation));
        var story = new List<string>();
        _ = new History(seed, planted, story.Add).Run(steps);
        return $"{steps.Count} of {count} steps are enough:{Environment.NewLine}{string.Join(Environment.NewLine, story)}";
    }

    internal static List<Step> Shrink(int seed, List<Step> steps, Planted planted, string kind)
    {
        for (var chunk = Math.Max(1, steps.Count / 2); chunk >= 1; chunk /= 2)
        {
            for (var from = 0; from < steps.Count;)
            {
                var fewer = steps[..from].Concat(steps.Skip(from + chunk)).ToList();
                if (fewer.Count < steps.Count && new History(seed, planted).Run(fewer).Violation is { } v && KindOf(v) == kind)
                {
                    steps = fewer;
                }
                else
                {
                    from += chunk;
                }
            }
        }

        return steps;
    }

    // After the time: "I4: …".
    private static string KindOf(string? violation) => violation is null ? "" : violation.Split("  ", 2)[1].Split(' ')[0];
}

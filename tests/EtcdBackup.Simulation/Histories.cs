using System.Diagnostics;

namespace EtcdBackup.Simulation;

/// <summary>Many histories, on all cores; each is by itself on one thread.</summary>
/// <param name="from">The first seed.</param>
/// <param name="steps">Steps of each.</param>
internal sealed class Histories(int from, int steps)
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = new();
    private (int Seed, string Violation)? _failed;
    private int _next = from - 1;
    private int _done;

    /// <summary>How many, and how fast.</summary>
    public string Summary =>
        $"{_done} histories of {steps} steps from seed {from} on, {_done / _watch.Elapsed.TotalSeconds:0.0} a second on " +
        $"{Environment.ProcessorCount} cores{(_failed is null ? ": all held" : "")}";

    /// <summary>Runs until the time is over, so many are done, or one fails.</summary>
    public (int Seed, string Violation)? Run(TimeSpan time, int most = int.MaxValue)
    {
        _watch.Start();
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() => Work(time, most))).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        _watch.Stop();
        return _failed;
    }

    private void Work(TimeSpan time, int most)
    {
        while (_watch.Elapsed < time && _failed is null && Interlocked.Increment(ref _next) is var seed && seed - from < most)
        {
            var violation = new History(seed).Run(Step.Of(seed, steps)).Violation;
            lock (_lock)
            {
                _done++;
                _failed ??= violation is null ? null : (seed, violation);
            }
        }
    }
}

using System.Diagnostics;
using EtcdBackup.Simulation;

// EtcdBackup.Simulation SECONDS SEED: histories of 200 steps from that seed on, for so long. EtcdBackup.Simulation SEED: one history, told.
const int Steps = 200;
if (args.Length == 1)
{
    var one = new History(int.Parse(args[0], null), tell: Console.WriteLine).Run(Step.Of(int.Parse(args[0], null), Steps));
    Console.WriteLine(one.Violation ?? "all held");
    return one.Violation is null ? 0 : 1;
}

var (seconds, seed) = (int.Parse(args[0], null), int.Parse(args[1], null));
var watch = Stopwatch.StartNew();
var done = 0;
for (; watch.Elapsed.TotalSeconds < seconds; done++)
{
    if (new History(seed + done).Run(Step.Of(seed + done, Steps)).Violation is { } violation)
    {
        Console.WriteLine($"seed {seed + done}: {violation}");
        Console.WriteLine(Shrinker.Tell(seed + done, Steps));
        return 1;
    }
}

Console.WriteLine($"{done} histories of {Steps} steps from seed {seed} on, {done / watch.Elapsed.TotalSeconds:0} a second: all held");
return 0;

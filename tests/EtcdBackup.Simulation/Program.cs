using EtcdBackup.Simulation;

// EtcdBackup.Simulation SECONDS SEED: histories of 200 steps from that seed on, for so long, on all cores.
// EtcdBackup.Simulation SEED: that one history, told, and the shortest one that fails as it does.
const int Steps = 200;
if (args.Length == 1)
{
    var seed = int.Parse(args[0], null);
    var violation = new History(seed, tell: Console.WriteLine).Run(Step.Of(seed, Steps)).Violation;
    Console.WriteLine(violation is null ? "all held" : $"{violation}{Environment.NewLine}{Shrinker.Tell(seed, Steps)}");
    return violation is null ? 0 : 1;
}

var histories = new Histories(int.Parse(args[1], null), Steps);
var found = histories.Run(TimeSpan.FromSeconds(int.Parse(args[0], null)));
Console.WriteLine(histories.Summary);
if (found is { } failed)
{
    Console.WriteLine($"seed {failed.Seed}: {failed.Violation}");
    Console.WriteLine(Shrinker.Tell(failed.Seed, Steps));
}

return found is null ? 0 : 1;

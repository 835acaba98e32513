using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdBackup.Simulation.Tests;

/// <summary>One silo and some clusters, in a world that a test moves by hand.</summary>
internal sealed class Scenario
{
    private readonly Dictionary<ClusterKey, Subject> _subjects;
    private readonly SimGrains _grains;
    private readonly SimFiles _files;
    private readonly List<string> _violations = [];

    public Scenario(int seed, params string[] names)
    {
        World = new World(seed);
        States = new SimStateStore(World);
        _subjects = names.Select(n => new Subject(World, n)).ToDictionary(s => s.Key);
        _files = new SimFiles(World);
        var around = new Surroundings(
            World, k => _subjects[k].Etcd, k => _subjects[k].Store, States, Planted.Nothing, (_, k, o) => Ended.Add((k.Name, o)));
        _grains = new SimGrains(around, NullLogger.Instance, _violations.Add);
        _grains.Directory = new SimDirectory(around, _grains, _files, _violations.Add);
        foreach (var subject in _subjects.Values)
        {
            subject.Spec = subject.SpecOf(maxBackups: 10, autoDelete: false);
        }
    }

    /// <summary>One cluster, named "one", after its first backup.</summary>
    public static Scenario OfOne(int seed)
    {
        var scenario = new Scenario(seed, "one").Start();
        scenario.Run(30);
        return scenario;
    }

    public World World { get; }

    public SimStateStore States { get; }

    /// <summary>All runs that ended.</summary>
    public List<(string Cluster, RunOutcome Outcome)> Ended { get; } = [];

    public SimSilo Silo => _grains.Silos[0];

    public Subject this[string name] => _subjects[new ClusterKey("default", name)];

    /// <summary>Starts the silo, and registers all clusters.</summary>
    public Scenario Start()
    {
        _files.Write([.. _subjects.Values.Select(s => s.Spec)]);
        _grains.Start("silo", TimeSpan.Zero);
        return this;
    }

    /// <summary>Starts another silo, whose clock may be wrong.</summary>
    public SimSilo StartAnother(TimeSpan clockOffset)
    {
        _grains.Start("another", clockOffset);
        return _grains.Silos[^1];
    }

    public void Run(double seconds)
    {
        World.Run(TimeSpan.FromSeconds(seconds));
        Assert.Empty(_violations);
    }

    public Func<BackupNowReply?> BackupNow(string name)
    {
        BackupNowReply? reply = null;
        _grains.On(this[name].Key, async a => reply = await a.Clock.BackupNowAsync());
        return () => reply;
    }

    public SimActivation Grain(string name) => _grains.Find(this[name].Key)!;
}

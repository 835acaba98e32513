using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace EtcdBackup.Simulation;

/// <summary>
/// The directory of clusters: the real register and the real carrying out of what it decides, activated in one silo at a time, and one
/// reporter in each silo.
/// </summary>
internal sealed partial class SimDirectory(Surroundings around, SimGrains grains, SimFiles files, Action<string> violated)
{
    public const string Row = "directory";

    /// <summary>Short enough that removals happen in a history; clocks of silos differ by up to eight minutes of the second.</summary>
    public static readonly RemovalTimes Times = new(
        TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(12))
    { ApplyAgain = TimeSpan.FromSeconds(45) };

    private const string Source = "configuration";
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(9);

    private readonly Dictionary<string, Said> _said = [];
    private readonly Dictionary<ClusterKey, TimeSpan> _namedAt = [];
    private readonly Dictionary<ClusterKey, TimeSpan> _unregisteredAt = [];
    private Activation? _there;

    /// <summary>The clusters that are backed up, as the directory knows; null while it is nowhere.</summary>
    public IReadOnlyList<ClusterKey>? Registered =>
        Ready?.Register.Entries.Where(e => e.Stage == ClusterStage.Registered).Select(e => e.Key).ToList();

    /// <summary>A cluster's backups are about to be deleted, and that is right.</summary>
    public Action<ClusterKey> Deleting { get; set; } = _ => { };

    /// <summary>Tells what the directory does.</summary>
    public Action<string> Tell { get; set; } = _ => { };

    /// <summary>A cluster is about to be removed.</summary>
    public Action<ClusterKey> Removing { get; set; } = _ => { };

    /// <summary>A cluster's grain was told its spec.</summary>
    public Action<ClusterKey> Configured { get; set; } = _ => { };

    private Activation? Ready => _there is { IsAlive: true, Work: not null } there ? there : null;

    /// <summary>Every silo reports, now and again.</summary>
    public void Start(SimSilo silo)
    {
        silo.Actor.Do(() => grains.GuardAsync(async () =>
        {
            // What fails is told again soon.
            var wait = TimeSpan.FromSeconds(1);
            try
            {
                wait = await ReportAsync(silo) ? RemovalTimes.ReportEvery : wait;
            }
            finally
            {
                around.World.At(around.World.Elapsed + wait, silo.Actor, () => Start(silo));
            }
        }));
    }

    /// <summary>The activation ends, and with it what it did not keep.</summary>
    public void Kill()
    {
        _there?.Actor.Kill();
        _there = null;
    }

    /// <summary>A silo crashed, and what was in it.</summary>
    public void Crashed(SimSilo silo)
    {
        if (_there?.Silo == silo)
        {
            Kill();
        }
    }

    /// <summary>A grain says that it is there.</summary>
    public async Task<(ClusterSpec Spec, string Source)?> CheckInAsync(SimActivation grain, ClusterSpec? spec, string source)
    {
        await around.World.DelayAsync(1, 20);
        var there = Activated();
        if (there.Work is null)
        {
            throw new IOException("the directory is not there yet");
        }

        var found = there.Register.CheckIn(grain.Key, spec, source, there.Silo.Time.GetUtcNow());
        Do(there, there.Work.SaveAsync);
        return found is null ? null : (found, there.Register.Find(grain.Key)!.Source);
    }

    /// <summary>A person removes a cluster that nobody names.</summary>
    public void Remove(ClusterKey key, bool withBackups)
    {
        if (Ready is { } there && around.World.Elapsed - there.Began > RemovalTimes.ReportEvery + TimeSpan.FromSeconds(15))
        {
            Do(there, () => there.Work!.RemoveNowAsync(key, withBackups, _ =>
            {
                there.IsAsked = key;
                return RemovalAnswer.Kept(there.Register.NamedBy(key, there.Silo.Time.GetUtcNow()));
            }));
        }
    }

    private async Task<bool> ReportAsync(SimSilo silo)
    {
        var (stamp, specs) = files.Read(silo.Actor.Name);
        await around.World.DelayAsync(1, 20);
        if (Activated() is not { Work: { } work } there)
        {
            return false;
        }

        Hear(there, silo, specs);
        var now = there.Silo.Time.GetUtcNow();
        if (specs is not null && there.Lists.GetValueOrDefault(silo.Actor.Name) == specs &&
            there.Register.Hear(Source, silo.Actor.Name, now))
        {
            return true;
        }

        there.Lists[silo.Actor.Name] = specs;
        var todo = there.Register.Report(Source, silo.Actor.Name, stamp, specs, now);
        if (around.Planted == Planted.InfersRemoval && specs is not null)
        {
            var gone = there.Register.Entries.Select(e => e.Key).Except(specs.Select(s => s.Key)).ToArray();
            Array.ForEach(gone, k => Do(there, () => new Grain(this, there, k).RemoveAsync(false)));
        }

        Do(there, () => work.CarryOutAsync(todo));
        return true;
    }

    // Of one that is silent the last list stands, as long as the directory has it.
    private void Hear(Activation there, SimSilo silo, IReadOnlyList<ClusterSpec>? specs)
    {
        var last = _said.GetValueOrDefault(silo.Actor.Name) is { } said && said.At > there.Began && IsLiving(said) ? said.Keys : [];
        var keys = specs is null ? last : [.. specs.Select(s => s.Key)];
        _said[silo.Actor.Name] = new Said(silo, keys, specs is null, around.World.Elapsed);
        keys.ToList().ForEach(k => _namedAt[k] = around.World.Elapsed);
    }

    private Activation Activated()
    {
        if (_there is { IsAlive: true } there)
        {
            return there;
        }

        var silo = grains.Silos[around.World.Random.Next(grains.Silos.Count)];
        var made = new Activation(around, silo);
        _there = made;
        made.Actor.Do(() => grains.GuardAsync(() => BeginAsync(made)));
        return made;
    }

    private async Task BeginAsync(Activation made)
    {
        var state = new SimPersistentState<ClusterDirectoryState>(around.States, Row);
        try
        {
            await state.ReadStateAsync();
        }
        catch (IOException)
        {
            // The next call makes another one.
            made.Actor.Kill();
            throw;
        }

        state.State.RestoreTo(made.Register);
        made.Work = new DirectoryWork(made.Register, state, k => new Grain(this, made, k), made.Silo.Time, NullLogger.Instance);
        Tick(made);
    }

    private void Tick(Activation there)
    {
        Do(there, there.Work!.TickAsync);
        around.World.At(around.World.Elapsed + TickEvery, there.Actor, () => Tick(there));
    }

    private void Do(Activation there, Func<Task> work) => there.Actor.Do(() => grains.GuardAsync(async () =>
    {
        try
        {
            await work();
        }
        catch (InconsistentStateException)
        {
            // Orleans ends an activation whose state is not the stored one.
            there.Actor.Kill();
        }
    }));

    private bool IsLiving(Said said) => around.World.Elapsed - said.At < RemovalTimes.Living;

    private sealed record Said(SimSilo Silo, IReadOnlyList<ClusterKey> Keys, bool IsSilent, TimeSpan At);

    private sealed class Activation(Surroundings around, SimSilo silo)
    {
        public SimSilo Silo => silo;

        public Actor Actor { get; } = new(around.World, $"directory in {silo.Actor.Name}");

        public TimeSpan Began { get; } = around.World.Elapsed;

        public ClusterRegister Register { get; } = new(Times);

        public DirectoryWork? Work { get; set; }

        public ClusterKey? IsAsked { get; set; }

        /// <summary>The last list of each silo: the same one is not reported again.</summary>
        public Dictionary<string, IReadOnlyList<ClusterSpec>?> Lists { get; } = [];

        public bool IsAlive => Actor.IsAlive;
    }

    private World World => around.World;

    private SimGrains Grains => grains;
}

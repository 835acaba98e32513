using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Grains;
using EtcdBackup.Runs;
using EtcdBackup.Scheduling;
using EtcdBackup.Stores;
using EtcdBackup.Upkeep;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdBackup.Simulation;

/// <summary>What a silo needs of the world around it.</summary>
internal sealed record Surroundings(
    World World, Func<ClusterKey, SimEtcd> EtcdOf, Func<ClusterKey, SimStore> StoreOf, SimStateStore States, Planted Planted,
    Action<SimSilo, ClusterKey, RunOutcome> Told, bool HasLogs = false);

/// <summary>One silo: its clock, its slots, its activations.</summary>
internal sealed class SimSilo
{
    public SimSilo(Surroundings around, string name, TimeSpan clockOffset)
    {
        Actor = new Actor(around.World, name);
        Time = new SiloTime(around.World, Actor, clockOffset);
        var stores = new SimStores(around.StoreOf);
        var scratch = new Scratch("/nowhere", Time);
        var catalogs = new BackupCatalogs(
            stores, scratch, scratch, new AgeFiles("", ""), Time, around.World.Random, NullLogger<BackupCatalog>.Instance);
        Services = new ClockServices(
            new SimConnections(around.World, around.EtcdOf),
            new ClusterChecker(Time, around.World.Random, NullLogger<ClusterChecker>.Instance),
            new BackupTaker(catalogs, new SimTransfer(around.World, Time, around.Planted), Time, NullLogger<BackupTaker>.Instance),
            catalogs,
            new SimReaders(around),
            around.Planted == Planted.SharesOneSlot
                ? new RunSlots(new Slots(1), new Slots(1), new StoreSlots(1, spare: 0), new Slots(1), new Slots(1))
                : RunSlots.Of(checks: 2, snapshots: 1),
            new ScrubOptions(TimeSpan.FromMinutes(20), 1e9),
            new RunLimits(around.Planted == Planted.SharesOneSlot ? TimeSpan.FromDays(1) : TimeSpan.FromSeconds(30)),
            new StopSignal(),
            [new Listener(this, around.Told)],
            new ClusterBoard(),
            Time,
            around.World.Random);
    }

    public Actor Actor { get; }

    public SiloTime Time { get; }

    public ClockServices Services { get; }

    /// <summary>The change logs that it keeps; null if no cluster has one.</summary>
    public SimLogs? Logs { get; set; }

    private sealed class Listener(SimSilo silo, Action<SimSilo, ClusterKey, RunOutcome> told) : IRunListener
    {
        public void Changed(ClusterKey cluster)
        {
            // told as ended too
        }

        public void Ended(ClusterKey cluster, RunOutcome outcome) => told(silo, cluster, outcome);
    }

    private sealed class SimStores(Func<ClusterKey, SimStore> storeOf) : IBackupStores
    {
        public ValueTask<IBackupStore> ForAsync(ClusterSpec spec, CancellationToken cancellationToken) =>
            storeOf(spec.Key).ForAsync(spec, cancellationToken);
    }

    private sealed class SimReaders(Surroundings around) : IBackupReader
    {
        public Task<ReadBack> ReadAsync(ClusterSpec spec, BackupEntry entry, bool isSlow, CancellationToken cancellationToken) =>
            new SimReader(around.World, around.StoreOf(spec.Key)).ReadAsync(spec, entry, isSlow, cancellationToken);
    }
}

/// <summary>The activation of one cluster in one silo.</summary>
internal sealed class SimActivation : IClockHost
{
    private readonly Surroundings _around;
    private readonly SimGrains _grains;
    private Scheduled? _timer;
    private SimSilo? _next;

    public SimActivation(
        Surroundings around, SimGrains grains, SimSilo silo, ClusterKey key, SimPersistentState<BackupGrainState> state, ILogger logger)
    {
        (_around, _grains, Silo, Key, State) = (around, grains, silo, key, state);
        Actor = new Actor(around.World, $"{key.Name} in {silo.Actor.Name}") { };
        Clock = new BackupClock(key, state, this, silo.Services, logger);
    }

    public SimSilo Silo { get; }

    public ClusterKey Key { get; }

    public Actor Actor { get; }

    public BackupClock Clock { get; }

    public SimPersistentState<BackupGrainState> State { get; }

    public bool IsAlive => Actor.IsAlive && Silo.Actor.IsAlive;

    /// <summary>Whether another silo handed its run over.</summary>
    public bool IsGuest { get; set; }

    /// <summary>Whether calls still come to it; what it began goes on without.</summary>
    public bool IsRetired { get; private set; }

    string IClockHost.Silo => Silo.Actor.Name;

    public void Kill()
    {
        Actor.Kill();
        Retire();
    }

    public void Retire()
    {
        IsRetired = true;
        if (_timer is { } timer)
        {
            timer.IsCancelled = true;
        }
    }

    void IClockHost.SetTimer(TimeSpan wait)
    {
        if (_timer is { } before)
        {
            before.IsCancelled = true;
        }

        var isStopped = _around.Planted == Planted.StopsTheClock && _around.World.Elapsed > SimGrains.StopsAfter;
        _timer = wait == Timeout.InfiniteTimeSpan || IsRetired || isStopped ? null
            : _around.World.At(_around.World.Elapsed + wait, Actor, () => _ = _grains.GuardAsync(Clock.TimerAsync));
    }

    async Task IClockHost.KeepHeartbeatAsync(TimeSpan period)
    {
        (await _around.States.PassAsync())?.Invoke();
        _grains.Heartbeats[Key] = period;
    }

    async Task IClockHost.EndHeartbeatAsync()
    {
        (await _around.States.PassAsync())?.Invoke();
        _grains.Heartbeats.Remove(Key);
    }

    Task<(ClusterSpec Spec, string Source)?> IClockHost.CheckInAsync(ClusterSpec? spec, string source) =>
        _grains.Directory.CheckInAsync(this, spec, source);

    async Task<bool> IClockHost.HandOffAsync()
    {
        await _around.World.DelayAsync(1, 20);
        _next = IsGuest || Clock.HasCallers ? null : _grains.Other(Silo) is { Services.Slots.Snapshots.Free: > 0 } other ? other : null;
        return _next is not null;
    }

    void IClockHost.Idle()
    {
        IsGuest = false;
        if (_next is { } next && _next.Actor.IsAlive)
        {
            _grains.Move(this, next);
        }

        _next = null;
    }

    void IClockHost.Leave() => _grains.Leave(this);
}

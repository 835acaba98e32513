using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Simulation;

/// <summary>
/// What Orleans does: finds the activation of a cluster, or makes one; brings it back by its heartbeat; and at times lets two exist.
/// </summary>
internal sealed class SimGrains(Surroundings around, ILogger logger, Action<string> violated)
{
    /// <summary>When planted clocks stop.</summary>
    public static readonly TimeSpan StopsAfter = TimeSpan.FromMinutes(5);

    // Retired ones run on to their end.
    private readonly List<SimActivation> _all = [];
    private readonly List<SimActivation> _activations = [];
    private readonly List<SimSilo> _silos = [];
    private readonly Dictionary<ClusterKey, (SimSilo Silo, List<Func<SimActivation, Task>> Calls)> _waking = [];

    // What a dead silo left is there for the next one.
    private readonly Queue<SimStore> _disks = [];

    /// <summary>The reminders.</summary>
    public Dictionary<ClusterKey, TimeSpan> Heartbeats { get; } = [];

    /// <summary>The directory of clusters.</summary>
    public SimDirectory Directory { get; set; } = null!;

    public Surroundings Around => around;

    public IReadOnlyList<SimSilo> Silos => _silos;

    /// <summary>All whose code still runs.</summary>
    public IReadOnlyList<SimActivation> Activations => _all;

    public SimActivation? Find(ClusterKey key) => _activations.Find(a => a.IsAlive && a.Key == key);

    public void Start(string name, TimeSpan clockOffset)
    {
        var silo = new SimSilo(around, name, clockOffset);
        _silos.Add(silo);
        silo.Logs = around.HasLogs ? new SimLogs(around, this, silo, _disks.TryDequeue(out var left) ? left : new SimStore(around.World))
            : null;
        Directory.Start(silo);
    }

    public void Crash(SimSilo silo)
    {
        silo.Actor.Kill();
        Directory.Crashed(silo);
        _silos.Remove(silo);
        if (silo.Logs is { } logs)
        {
            _disks.Enqueue(logs.Disk);
        }

        _all.Where(a => a.Silo == silo).ToList().ForEach(a => a.Kill());
        _all.RemoveAll(a => !a.IsAlive);
        _activations.RemoveAll(a => !a.IsAlive);
    }

    public SimSilo? Other(SimSilo silo) => _silos.Find(s => s != silo);

    /// <summary>Beats for each cluster that has a reminder.</summary>
    public void Beat()
    {
        if (around.Planted == Planted.StopsTheClock && around.World.Elapsed > StopsAfter)
        {
            return;
        }

        foreach (var key in Heartbeats.Keys.OrderBy(k => k.ToString(), StringComparer.Ordinal).ToArray())
        {
            On(key, a => a.Clock.HeartbeatAsync());
        }
    }

    /// <summary>Calls the cluster's activation, which is made if there is none.</summary>
    public void On(ClusterKey key, Func<SimActivation, Task> call)
    {
        if (Find(key) is { } there)
        {
            there.Actor.Do(() => GuardAsync(() => call(there)));
        }
        else if (_waking.TryGetValue(key, out var waiting) && waiting.Silo.Actor.IsAlive)
        {
            waiting.Calls.Add(call);
        }
        else if (_silos.Count > 0)
        {
            var silo = _silos[around.World.Random.Next(_silos.Count)];
            _waking[key] = (silo, [call]);
            Activate(key, silo, isSecond: false);
        }
    }

    /// <summary>Calls it from a silo, and waits for the answer, but not for ever.</summary>
    public async Task<T> CallAsync<T>(ClusterKey key, Func<BackupClock, Task<T>> call, TimeSpan patience, SimSilo from)
    {
        var answer = new TaskCompletionSource<T>();
        On(key, async a =>
        {
            try
            {
                answer.TrySetResult(await call(a.Clock));
            }
            catch (Exception e)
            {
                answer.TrySetException(e);
                throw;
            }
        });
        return await answer.Task.WaitAsync(patience, from.Time);
    }

    /// <summary>Makes a second activation, as when two silos do not see each other.</summary>
    public void Duplicate(ClusterKey key)
    {
        if (Find(key) is { } there && Other(there.Silo) is { } other)
        {
            Activate(key, other, isSecond: true);
        }
    }

    /// <summary>The silos see each other again: one of two activations goes.</summary>
    public void Join(ClusterKey key)
    {
        foreach (var second in _activations.Where(a => a.IsAlive && a.Key == key).Skip(1).ToArray())
        {
            Leave(second);
        }
    }

    public void Leave(SimActivation activation)
    {
        activation.Retire();
        activation.Clock.LeaveBoard();
        _activations.Remove(activation);
    }

    public void Move(SimActivation from, SimSilo to)
    {
        Leave(from);
        Begin(from.Key, to, from.State.Moved(), isGuest: true);
    }

    /// <summary>An exception that nobody expects is a fault of its own.</summary>
    public async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (IsExpected(e) || (e is AggregateException all && all.InnerExceptions.All(IsExpected)))
        {
            // a caller's to handle
        }
        catch (Exception e)
        {
            violated($"an exception that nobody expects: {e}");
        }
    }

    private static bool IsExpected(Exception e) =>
        e is IOException or TimeoutException or OperationCanceledException or InvalidOperationException { Message: "stopped" };

    private void Activate(ClusterKey key, SimSilo silo, bool isSecond)
    {
        var state = new SimPersistentState<BackupGrainState>(around.States, key.ToString());
        silo.Actor.Do(() => GuardAsync(async () =>
        {
            var calls = isSecond ? [] : _waking[key].Calls;
            try
            {
                await state.ReadStateAsync();
            }
            finally
            {
                if (!isSecond)
                {
                    _waking.Remove(key);
                }
            }

            var activation = Begin(key, silo, state);
            calls.ForEach(call => activation.Actor.Do(() => GuardAsync(() => call(activation))));
        }));
    }

    private SimActivation Begin(ClusterKey key, SimSilo silo, SimPersistentState<BackupGrainState> state, bool isGuest = false)
    {
        var activation = new SimActivation(around, this, silo, key, state, logger) { IsGuest = isGuest };
        _activations.Add(activation);
        _all.Add(activation);
        activation.Clock.Wake(isGuest);
        return activation;
    }
}

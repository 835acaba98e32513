namespace EtcdBackup.Simulation;

/// <summary>
/// One thread on which everything happens: time, and what is ready to go on. Which of several ready continuations goes on first, chance
/// decides; so a seed is an interleaving.
/// </summary>
internal sealed class World
{
    private const int MostAtOnce = 100_000;

    private readonly List<(Actor Actor, SendOrPostCallback Work, object? State)> _ready = [];
    private readonly PriorityQueue<Scheduled, (long At, long Order)> _later = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _order;
    private int _atOnce;

    public World(int seed)
    {
        Random = new Random(seed);
        Nobody = new Actor(this, "world");
    }

    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>All chance.</summary>
    public Random Random { get; }

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed { get; private set; }

    public DateTimeOffset Now => Start + Elapsed;

    /// <summary>Who acts when no silo does.</summary>
    public Actor Nobody { get; }

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public void Post(Actor actor, SendOrPostCallback work, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("something left the one thread of the simulation: its histories would not repeat");
        }

        if (actor.IsAlive)
        {
            _ready.Add((actor, work, state));
        }
    }

    public Scheduled At(TimeSpan at, Actor actor, Action work)
    {
        var scheduled = new Scheduled(actor, work);
        _later.Enqueue(scheduled, (at.Ticks, _order++));
        return scheduled;
    }

    /// <summary>Some milliseconds of somebody's time.</summary>
    public Task DelayAsync(TimeSpan delay)
    {
        var actor = SynchronizationContext.Current as Actor ?? Nobody;
        var done = new TaskCompletionSource();
        At(Elapsed + delay, actor, done.SetResult);
        return done.Task;
    }

    public Task DelayAsync(int from, int toMilliseconds) => DelayAsync(TimeSpan.FromMilliseconds(Random.Next(from, toMilliseconds)));

    /// <summary>Lets time pass, and all that happens in it happen.</summary>
    public void Run(TimeSpan duration)
    {
        var until = Elapsed + duration;
        while (true)
        {
            if (_ready.Count > 0)
            {
                RunOne();
            }
            else if (_later.TryPeek(out _, out var place) && place.At <= until.Ticks)
            {
                _atOnce = place.At > Elapsed.Ticks ? 0 : _atOnce;
                Elapsed = TimeSpan.FromTicks(Math.Max(place.At, Elapsed.Ticks));
                var next = _later.Dequeue();
                if (!next.IsCancelled && next.Actor.IsAlive)
                {
                    Invoke(next.Actor, static s => ((Action)s!)(), next.Work);
                }
            }
            else
            {
                Elapsed = until;
                return;
            }
        }
    }

    private void RunOne()
    {
        var i = Random.Next(_ready.Count);
        var (actor, work, state) = _ready[i];
        _ready[i] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (actor.IsAlive)
        {
            Invoke(actor, work, state);
        }
    }

    private void Invoke(Actor actor, SendOrPostCallback work, object? state)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(actor);
        if (++_atOnce > MostAtOnce)
        {
            throw new InvalidOperationException($"{actor.Name} spins: {MostAtOnce} turns, and no time passes");
        }

        try
        {
            work(state);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}

/// <summary>Work for later.</summary>
internal sealed class Scheduled(Actor actor, Action work)
{
    public Actor Actor => actor;

    public Action Work => work;

    public bool IsCancelled { get; set; }
}

/// <summary>Somebody whose continuations go on until it dies: then nothing of it ever goes on.</summary>
internal sealed class Actor(World world, string name) : SynchronizationContext
{
    public bool IsAlive { get; private set; } = true;

    public string Name => name;

    public void Kill() => IsAlive = false;

    /// <summary>Lets it do something.</summary>
    public void Do(Func<Task> work) => world.Post(this, static s => _ = ((Func<Task>)s!)(), work);

    public override void Post(SendOrPostCallback d, object? state) => world.Post(this, d, state);

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;
}

/// <summary>The clock of one silo: it may be off, and what it times ends with the silo.</summary>
internal sealed class SiloTime(World world, Actor silo, TimeSpan offset) : TimeProvider
{
    public TimeSpan Offset => offset;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => world.Now + offset;

    public override long GetTimestamp() => world.Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(world, silo, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(World world, Actor silo, TimerCallback callback, object? state) : ITimer
    {
        private Scheduled? _next;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                _next = world.At(world.Elapsed + dueTime, silo, () => callback(state));
            }

            return true;
        }

        public void Dispose()
        {
            if (_next is { } next)
            {
                next.IsCancelled = true;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

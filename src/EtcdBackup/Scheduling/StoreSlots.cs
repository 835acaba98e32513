namespace EtcdBackup.Scheduling;

/// <summary>
/// Limits how many snapshots a silo takes at once. The most overdue goes first. If one store occupies all slots, because it is slow or
/// dead, each other store still gets one of the spare slots; a store that failed gets one at a time until it works again.
/// </summary>
/// <param name="count">Snapshots at once.</param>
/// <param name="spare">Slots beyond these, each for a store that has none.</param>
internal sealed class StoreSlots(int count, int spare)
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Waiter, (DateTimeOffset Due, long Order)> _waiting = new();
    private readonly Dictionary<string, int> _used = new(StringComparer.Ordinal);
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);
    private long _order;
    private int _all;

    /// <summary>As many spare ones as there are slots.</summary>
    public StoreSlots(int count)
        : this(count, count)
    {
    }

    /// <summary>How many snapshots to any store could begin now.</summary>
    public int Free
    {
        get
        {
            lock (_lock)
            {
                return Math.Max(0, count - _all);
            }
        }
    }

    /// <summary>How many slots there are, how many are taken, and how many wait for one.</summary>
    public (int Count, int Used, int Waiting) Usage
    {
        get
        {
            lock (_lock)
            {
                return (count, _all, _waiting.UnorderedItems.Count(w => !w.Element.Turn.Task.IsCompleted));
            }
        }
    }

    /// <summary>Takes a slot if one is free now.</summary>
    /// <returns>Dispose it to free the slot; null when there is none.</returns>
    public IDisposable? TryEnter(string store)
    {
        lock (_lock)
        {
            return MayEnter(store) ? Take(store) : null;
        }
    }

    /// <summary>Waits for a slot; dispose the result to free it.</summary>
    /// <param name="store">Where the snapshot goes, see <c>StoreProvider.PlaceOf</c>.</param>
    /// <param name="due">When the backup was due.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IDisposable> EnterAsync(string store, DateTimeOffset due, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (MayEnter(store))
            {
                return Take(store);
            }

            waiter = new Waiter(store);
            _waiting.Enqueue(waiter, (due, _order++));
        }

        await using (cancellationToken.Register(() => waiter.Turn.TrySetCanceled(cancellationToken)))
        {
            return await waiter.Turn.Task;
        }
    }

    /// <summary>Records whether a store failed: then it gets one slot at a time until it works again.</summary>
    public void Told(string store, bool failed)
    {
        lock (_lock)
        {
            _ = failed ? _failing.Add(store) : _failing.Remove(store);
            Admit();
        }
    }

    private bool MayEnter(string store)
    {
        var mine = _used.GetValueOrDefault(store);
        return _failing.Contains(store)
            ? mine == 0 && _all < count + spare
            : _all < count || (mine == 0 && _all < count + spare);
    }

    private Slot Take(string store)
    {
        Count(store);
        return new Slot(this, store);
    }

    private void Count(string store)
    {
        _used[store] = _used.GetValueOrDefault(store) + 1;
        _all++;
    }

    private void Leave(string store)
    {
        lock (_lock)
        {
            _all--;
            if (--_used[store] == 0)
            {
                _used.Remove(store);
            }

            Admit();
        }
    }

    // The most overdue first; one whose store may not have another slot yet keeps its place and waits.
    private void Admit()
    {
        var passed = new List<(Waiter, (DateTimeOffset, long))>();
        while (_all < count + spare && _waiting.TryDequeue(out var waiter, out var place))
        {
            if (waiter.Turn.Task.IsCompleted)
            {
                continue;
            }

            if (!MayEnter(waiter.Store))
            {
                passed.Add((waiter, place));
                continue;
            }

            // Who gives up in this moment takes none. Who gets the slot cannot free it before it counts: that needs the lock.
            if (waiter.Turn.TrySetResult(new Slot(this, waiter.Store)))
            {
                Count(waiter.Store);
            }
        }

        _waiting.EnqueueRange(passed);
    }

    private sealed class Waiter(string store)
    {
        public string Store { get; } = store;

        public TaskCompletionSource<IDisposable> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Slot(StoreSlots slots, string store) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                slots.Leave(store);
            }
        }
    }
}

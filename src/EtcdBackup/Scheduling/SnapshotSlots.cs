namespace EtcdBackup.Scheduling;

/// <summary>Bounds how many snapshots a silo takes at once. Whoever is latest goes first.</summary>
public sealed class SnapshotSlots(int count)
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, DateTimeOffset> _waiting = new();
    private int _free = count;

    /// <summary>How many could begin now.</summary>
    public int Free
    {
        get
        {
            lock (_lock)
            {
                return _free;
            }
        }
    }

    /// <summary>Waits for a slot; dispose what it gives to free the slot.</summary>
    /// <param name="due">When the backup was due.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IDisposable> EnterAsync(DateTimeOffset due, CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return new Slot(this);
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn, due);
        }

        await using (cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken)))
        {
            await turn.Task;
        }

        return new Slot(this);
    }

    private void Leave()
    {
        lock (_lock)
        {
            // One who gave up has completed already and is passed over.
            while (_waiting.TryDequeue(out var next, out _))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _free++;
        }
    }

    private sealed class Slot(SnapshotSlots slots) : IDisposable
    {
        private SnapshotSlots? _slots = slots;

        public void Dispose() => Interlocked.Exchange(ref _slots, null)?.Leave();
    }
}

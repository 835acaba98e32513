using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>What one target has yet to accept. Bounded: a target that is down for days costs no memory without end.</summary>
/// <param name="atMost">How many may wait.</param>
internal sealed class TargetQueue(int atMost) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Notification> _waiting = new();
    private readonly SemaphoreSlim _some = new(0, 1);
    private int _dropped;

    /// <summary>Changes whenever what waits does.</summary>
    public int Version { get; private set; }

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Puts back what waited before a restart.</summary>
    public void Restore(IEnumerable<Notification> unsent, int dropped)
    {
        lock (_lock)
        {
            _dropped = dropped;
        }

        foreach (var notification in unsent)
        {
            Add(notification);
        }
    }

    /// <summary>
    /// Adds one. If there is no room, the oldest of the same cluster goes. If that has none, the oldest problem of others goes: an end that
    /// is lost would leave its problem open at the receiver.
    /// </summary>
    /// <returns>The one that had to go; null if there was room.</returns>
    public Notification? Add(Notification notification)
    {
        lock (_lock)
        {
            Version++;
            Notification? lost = null;
            if (_waiting.Count >= atMost)
            {
                lost = _waiting.FirstOrDefault(n => n.Cluster == notification.Cluster)
                    ?? _waiting.FirstOrDefault(n => !n.IsEnd) ?? _waiting.First!.Value;
                _waiting.Remove(lost);
                _dropped++;
            }

            _waiting.AddLast(notification);
            Wake();
            return lost;
        }
    }

    /// <summary>The first that waits, with the number of those that were lost before it; it stays until <see cref="Done"/>.</summary>
    public (Notification Notification, int Dropped)? Peek()
    {
        lock (_lock)
        {
            return _waiting.First is { } first ? (first.Value, _dropped) : null;
        }
    }

    /// <summary>Waits until some notification does, or until the limit.</summary>
    public Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken) => _some.WaitAsync(limit, cancellationToken);

    /// <summary>It was accepted.</summary>
    /// <param name="notification">The notification.</param>
    /// <param name="told">How many lost ones it told of.</param>
    public void Done(Notification notification, int told)
    {
        lock (_lock)
        {
            Version++;
            _dropped -= told;
            _waiting.Remove(notification);
        }
    }

    /// <summary>It will not be accepted.</summary>
    public void Drop(Notification notification)
    {
        lock (_lock)
        {
            if (_waiting.Remove(notification))
            {
                Version++;
                _dropped++;
            }
        }
    }

    /// <summary>Other clusters come first. All of its cluster moves: an end must not overtake its problem.</summary>
    public void Later(Notification notification)
    {
        lock (_lock)
        {
            foreach (var moved in _waiting.Where(n => n.Cluster == notification.Cluster).ToArray())
            {
                _waiting.Remove(moved);
                _waiting.AddLast(moved);
            }
        }
    }

    /// <summary>All that wait, and how many were lost.</summary>
    public (IReadOnlyList<Notification> Waiting, int Dropped) Snapshot()
    {
        lock (_lock)
        {
            return ([.. _waiting], _dropped);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _some.Dispose();

    private void Wake()
    {
        if (_some.CurrentCount == 0)
        {
            _some.Release();
        }
    }
}

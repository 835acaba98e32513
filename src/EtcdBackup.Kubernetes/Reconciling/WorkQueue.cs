using EtcdBackup.Clusters;
using System.Threading.Channels;

namespace EtcdBackup.Kubernetes.Reconciling;

/// <summary>
/// Keys that wait for work: each at most once, and none worked on twice at the same time. A key that is added while it is worked on
/// comes again afterwards.
/// </summary>
/// <typeparam name="T">The key.</typeparam>
internal sealed class WorkQueue<T>(TimeProvider time)
    where T : notnull
{
    private static readonly Backoff Retry = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(1));

    private readonly Lock _gate = new();
    private readonly Channel<T> _ready = Channel.CreateUnbounded<T>();
    private readonly HashSet<T> _dirty = [];
    private readonly HashSet<T> _working = [];
    private readonly Dictionary<T, int> _failures = [];
    private readonly Dictionary<T, DateTimeOffset> _later = [];

    /// <summary>Adds a key.</summary>
    public void Add(T key)
    {
        lock (_gate)
        {
            if (_dirty.Add(key) && !_working.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Adds a key after a time, unless it comes sooner anyway.</summary>
    public void AddAfter(T key, TimeSpan delay)
    {
        var at = time.GetUtcNow() + delay;
        lock (_gate)
        {
            if (_later.TryGetValue(key, out var known) && known <= at)
            {
                return;
            }

            _later[key] = at;
        }

        _ = AddLaterAsync(key, at, delay);
    }

    /// <summary>Works on keys until cancelled.</summary>
    /// <param name="work">The work; what it throws is passed to <paramref name="failed"/>, and the key comes again, less and less
    /// often.</param>
    /// <param name="failed">Called for each failure.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task RunAsync(Func<T, Task> work, Action<T, int, Exception> failed, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var key = await _ready.Reader.ReadAsync(cancellationToken);
            lock (_gate)
            {
                _dirty.Remove(key);
                _working.Add(key);
            }

            try
            {
                await work(key);
                lock (_gate)
                {
                    _failures.Remove(key);
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                int failures;
                lock (_gate)
                {
                    _failures[key] = failures = _failures.GetValueOrDefault(key) + 1;
                }

                failed(key, failures, e);
                AddAfter(key, Retry.After(failures));
            }
            finally
            {
                lock (_gate)
                {
                    _working.Remove(key);
                    if (_dirty.Contains(key))
                    {
                        _ready.Writer.TryWrite(key);
                    }
                }
            }
        }
    }

    private async Task AddLaterAsync(T key, DateTimeOffset at, TimeSpan delay)
    {
        await Task.Delay(delay, time);
        lock (_gate)
        {
            if (_later.TryGetValue(key, out var planned) && planned == at)
            {
                _later.Remove(key);
            }
        }

        Add(key);
    }
}

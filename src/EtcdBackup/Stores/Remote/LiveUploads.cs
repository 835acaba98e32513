using System.Collections.Concurrent;

namespace EtcdBackup.Stores.Remote;

/// <summary>Uploads and claims of running attempts of this process: never a leftover, however old.</summary>
internal sealed class LiveUploads
{
    private readonly ConcurrentDictionary<string, int> _live = new(StringComparer.Ordinal);

    /// <summary>Whether it belongs to a running attempt.</summary>
    public bool Has(string what) => _live.ContainsKey(what);

    /// <summary>Keeps it until disposed.</summary>
    public IDisposable Keep(string what)
    {
        _live.AddOrUpdate(what, 1, (_, holders) => holders + 1);
        return new Kept(this, what);
    }

    private void Release(string what)
    {
        if (_live.AddOrUpdate(what, 0, (_, holders) => holders - 1) <= 0)
        {
            _live.TryRemove(new KeyValuePair<string, int>(what, 0));
        }
    }

    private sealed class Kept(LiveUploads live, string what) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
            {
                live.Release(what);
            }
        }
    }
}

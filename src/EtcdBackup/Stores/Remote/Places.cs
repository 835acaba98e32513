using System.Threading.Channels;

namespace EtcdBackup.Stores.Remote;

/// <summary>A few places that can be taken, in turn.</summary>
internal sealed class Places
{
    private readonly Channel<bool> _free = Channel.CreateUnbounded<bool>();

    public Places(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _free.Writer.TryWrite(true);
        }
    }

    /// <summary>Takes one; dispose it to give it back.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _free.Reader.ReadAsync(cancellationToken);
        return new Place(_free.Writer);
    }

    private sealed class Place(ChannelWriter<bool> free) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
            {
                free.TryWrite(true);
            }
        }
    }
}

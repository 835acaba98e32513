namespace EtcdBackup.Stores.Remote;

/// <summary>
/// An object of a remote store as a stream: one request from the position on, a new one only after a seek or a broken connection.
/// Silence is an error, and so is an early end. A long download may break often, as long as each resumption brings
/// something.
/// </summary>
/// <param name="length">Bytes of the object.</param>
/// <param name="what">Its name, for the error.</param>
/// <param name="silence">How long a read may bring nothing.</param>
/// <param name="time">Measures it.</param>
/// <param name="open">Asks for the bytes from an offset on; must refuse when the object is no longer the same.</param>
internal sealed class RangeStream(
    long length, string what, TimeSpan silence, TimeProvider time, Func<long, CancellationToken, Task<Stream>> open)
    : ReadOnlyStream(length)
{
    private const int MaxResumes = 3;

    // A connection may be dead without a sign; half of the time is left for another one.
    private readonly TimeSpan _attempt = silence / 2;

    private Stream? _body;
    private long _bodyAt;
    private int _resumes;

    protected override async ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var still = new CancellationTokenSource(_attempt, time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, still.Token);
            try
            {
                var count = await OnceAsync(position, buffer, limit.Token);
                _resumes = 0;
                return count;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsBreak(e))
            {
                await CloseAsync();
                if (++_resumes > MaxResumes)
                {
                    throw new StoreException(
                        $"reading '{what}' broke at byte {position} of {Length} once more, after {MaxResumes} resumptions that brought " +
                        $"nothing: {e.Message}. Look at the network to the store and at its log, then ask again",
                        e);
                }
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        _body?.Dispose();
        base.Dispose(disposing);
    }

    private static bool IsBreak(Exception e) =>
        e is IOException or HttpRequestException or OperationCanceledException && e is not (FileNotFoundException or StoreException);

    private async Task<int> OnceAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_body is null || _bodyAt != position)
        {
            await CloseAsync();
            _body = await open(position, cancellationToken);
            _bodyAt = position;
        }

        var count = await _body.ReadAsync(buffer, cancellationToken);
        if (count == 0)
        {
            throw new EndOfStreamException($"'{what}' ended after {position} of {Length} bytes");
        }

        _bodyAt += count;
        return count;
    }

    private async Task CloseAsync()
    {
        if (_body is { } body)
        {
            _body = null;
            await body.DisposeAsync();
        }
    }
}

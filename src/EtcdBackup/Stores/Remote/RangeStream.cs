namespace EtcdBackup.Stores.Remote;

/// <summary>
/// An object of a remote store as a stream: one request from the position on, a new one only after a seek or when the connection
/// broke. Silence is an error, and so is an end that comes early.
/// </summary>
/// <param name="length">Bytes of the object.</param>
/// <param name="what">Its name, for the error.</param>
/// <param name="silence">How long a read may bring nothing.</param>
/// <param name="open">Asks for the bytes from an offset on; must refuse when the object is no longer the same.</param>
internal sealed class RangeStream(long length, string what, TimeSpan silence, Func<long, CancellationToken, Task<Stream>> open) : ReadOnlyStream(length)
{
    private const int MaxResumes = 3;

    private Stream? _body;
    private long _bodyAt;
    private int _resumes;

    protected override async ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(silence);
            try
            {
                if (_body is null || _bodyAt != position)
                {
                    await CloseAsync();
                    _body = await open(position, limit.Token);
                    _bodyAt = position;
                }

                var count = await _body.ReadAsync(buffer, limit.Token);
                if (count == 0)
                {
                    throw new EndOfStreamException($"'{what}' ended after {position} of {Length} bytes");
                }

                _bodyAt += count;
                return count;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is IOException or HttpRequestException or OperationCanceledException && e is not (FileNotFoundException or StoreException))
            {
                await CloseAsync();
                if (++_resumes > MaxResumes)
                {
                    throw new StoreException($"reading '{what}' broke at byte {position} of {Length} once more, after {MaxResumes} resumptions: {e.Message}", e);
                }
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        _body?.Dispose();
        base.Dispose(disposing);
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

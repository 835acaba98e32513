using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores.Remote;

/// <summary>
/// An object on its way into a remote store. The bytes go to a scratch file, and from there in parts to the store while more arrive; they
/// become an object at the commit only. Nothing is held in memory, and a part that fails is read from the file again.
/// </summary>
internal sealed partial class PendingUpload(IUploadTarget target, ScratchFile file, string folder, long expectedSize, ILogger logger) : IPendingObject
{
    // S3 takes 10 000 parts at most; the database may grow while it is sent.
    private const long MostParts = 8_000;
    private const long SmallestPart = 8 * 1024 * 1024;
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(10);

    private readonly long _partSize = Math.Max(SmallestPart, (expectedSize / MostParts + 0xFFFFF) & ~0xFFFFFL);
    private readonly List<Task> _parts = [];
    private CancellationTokenSource _stop = new();
    private string? _expected;
    private Task<IUpload>? _upload;
    private long _scheduled;
    private bool _sealed;
    private bool _isWhole;

    public string LocalPath => file.Path;

    public void Expect(string name) => _expected = name;

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        file.Append(bytes.Span);
        while (file.Length - _scheduled >= _partSize)
        {
            Send(_partSize);
        }

        if (_parts.Find(p => p.IsFaulted) is { } failed)
        {
            // no use in receiving the rest
            await failed;
        }
    }

    public void Seal()
    {
        _sealed = true;
        file.Trim();
        if (_upload is not null && file.Length > _scheduled)
        {
            Send(file.Length - _scheduled);
        }
    }

    public async Task<bool> TryCommitAsync(string name, CancellationToken cancellationToken)
    {
        if (!_sealed)
        {
            Seal();
        }

        await using var cancel = cancellationToken.Register(() => _stop.Cancel()).ConfigureAwait(false);
        var key = $"{folder}/{name}";
        try
        {
            if (_upload is null)
            {
                using var place = await target.EnterAsync(cancellationToken);
                return await target.TryPutAsync(key, file, cancellationToken);
            }

            if (_expected is not null && name != _expected)
            {
                // What was sent is bound to the key that it was sent to. A part that is cancelled may yet arrive, after the abort.
                await Task.WhenAll(_parts);
                await ForgetAsync();
                (_expected, _scheduled) = (name, 0);
                while (_scheduled < file.Length)
                {
                    Send(Math.Min(_partSize, file.Length - _scheduled));
                }
            }

            var upload = await _upload;
            await Task.WhenAll(_parts);
            if (upload.Key == key)
            {
                var isNew = await upload.TryCompleteAsync(cancellationToken);
                _upload = isNew ? null : _upload;
                return isNew;
            }

            _isWhole = _isWhole || await upload.TryCompleteAsync(cancellationToken);
            return await target.TryCopyAsync(upload.Key, key, file.Length, cancellationToken);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException($"the upload of '{key}' did not end in time", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ForgetAsync();
        _stop.Dispose();
        file.Dispose();
    }

    private void Send(long length)
    {
        _upload ??= target.BeginUploadAsync(_expected is { } name ? $"{folder}/{name}" : target.NewHiddenKey(), _stop.Token);
        _parts.Add(SendAsync(_upload, _parts.Count, new FileSlice(file.Handle, _scheduled, length)));
        _scheduled += length;
    }

    private async Task SendAsync(Task<IUpload> upload, int number, FileSlice part)
    {
        using var place = await target.EnterAsync(_stop.Token);
        await (await upload).SendAsync(number, part, _stop.Token);
    }

    // Nobody waits for this work, and what it leaves is swept: failures are told in the log only.
    private async Task ForgetAsync()
    {
        if (_upload is not { } begun)
        {
            return;
        }

        var parts = Task.WhenAll(_parts);
        if (!parts.IsCompleted)
        {
            await _stop.CancelAsync();
            await parts.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
            _stop = new CancellationTokenSource();
        }

        _parts.Clear();
        _upload = null;
        using var limit = new CancellationTokenSource(AbortTimeout);
        try
        {
            var upload = await begun;
            await (_isWhole ? target.DiscardAsync(upload.Key, limit.Token) : upload.AbortAsync(limit.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            LogLeftover(logger, folder, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An unfinished upload to {Folder} could not be aborted; it is swept later")]
    private static partial void LogLeftover(ILogger logger, string folder, Exception exception);
}

using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores.Remote;

/// <summary>
/// An object on its way into a remote store. The bytes go to a scratch file, and from there in parts to the store while more arrive; they
/// become an object only at the commit. Nothing is kept in memory, and a part that fails is read from the file again. The silence of each
/// step is limited; a part may take any time while its bytes are sent.
/// </summary>
internal sealed partial class PendingUpload(
    IUploadTarget target, ScratchFile file, string folder, long expectedSize, SilenceLimit limit, ILogger logger)
    : IPendingObject, ILimitsItself
{
    // S3 takes 10 000 parts at most; the database may grow while it is sent.
    private const long MostParts = 8_000;
    private const long SmallestPart = 8 * 1024 * 1024;

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
                return await PutAsync(key, cancellationToken);
            }

            if (_expected is not null && name != _expected)
            {
                await SendAnewAsync(name);
            }

            var upload = await _upload;
            await Task.WhenAll(_parts);
            return upload.Key == key ? await CompleteAsync(upload, cancellationToken) : await CopyAsync(upload, key, cancellationToken);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException($"the upload of '{key}' did not end in time", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await ForgetAsync();
        }
        finally
        {
            _stop.Dispose();
            file.Dispose();
        }
    }

    private async Task<bool> PutAsync(string key, CancellationToken cancellationToken)
    {
        using var place = await target.EnterAsync(cancellationToken);
        var body = new FileSlice(file.Handle, 0, file.Length);
        return await limit.RunAsync(
            $"the writing of '{key}'", cancel => target.TryPutAsync(key, body, cancel), cancellationToken, signs: () => body.TotalRead);
    }

    // What was sent is bound to its key. A part that was cancelled may still arrive, after the abort.
    private async Task SendAnewAsync(string name)
    {
        await Task.WhenAll(_parts);
        await ForgetAsync();
        (_expected, _scheduled) = (name, 0);
        while (_scheduled < file.Length)
        {
            Send(Math.Min(_partSize, file.Length - _scheduled));
        }
    }

    private async Task<bool> CompleteAsync(IUpload upload, CancellationToken cancellationToken)
    {
        var isNew = await limit.RunAsync($"the end of '{upload.Key}'", upload.TryCompleteAsync, cancellationToken, SilenceLimit.Patience);
        if (isNew && _upload is not null)
        {
            _upload = null;
            upload.Dispose();
        }

        return isNew;
    }

    private async Task<bool> CopyAsync(IUpload upload, string key, CancellationToken cancellationToken)
    {
        _isWhole = _isWhole ||
            await limit.RunAsync($"the end of '{upload.Key}'", upload.TryCompleteAsync, cancellationToken, SilenceLimit.Patience);
        var copied = 0L;
        return await limit.RunAsync(
            $"a copy to '{key}'",
            cancel => target.TryCopyAsync(upload.Key, key, file.Length, () => Interlocked.Increment(ref copied), cancel),
            cancellationToken,
            SilenceLimit.Patience,
            () => Interlocked.Read(ref copied));
    }

    private void Send(long length)
    {
        var key = _expected is { } name ? $"{folder}/{name}" : target.NewHiddenKey();
        _upload ??= limit.RunAsync($"an upload of '{key}'", cancel => target.BeginUploadAsync(key, cancel), _stop.Token);
        _parts.Add(SendAsync(_upload, _parts.Count, new FileSlice(file.Handle, _scheduled, length)));
        _scheduled += length;
    }

    private async Task SendAsync(Task<IUpload> upload, int number, FileSlice part)
    {
        var begun = await upload;
        using var place = await target.EnterAsync(_stop.Token);
        await limit.RunAsync(
            $"part {number} of '{begun.Key}'", cancel => begun.SendAsync(number, part, cancel), _stop.Token, signs: () => part.TotalRead);
    }

    // Nobody waits for this work, and what it leaves is swept: failures are only logged.
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
        try
        {
            using var upload = await begun;
            await limit.RunAsync(
                $"the removal of '{upload.Key}'",
                cancel => _isWhole ? target.DiscardAsync(upload.Key, cancel) : upload.AbortAsync(cancel),
                CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            LogLeftover(logger, folder, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An unfinished upload to {Folder} could not be aborted; it is swept later")]
    private static partial void LogLeftover(ILogger logger, string folder, Exception exception);
}

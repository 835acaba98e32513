using Microsoft.Extensions.Logging;

namespace EtcdBackup.ChangeLog;

/// <content>The way of segments to the store, past the disk while the store is away.</content>
internal sealed partial class LogTail
{
    private static readonly TimeSpan Seldom = TimeSpan.FromHours(1);

    private readonly Signal _spooled;
    private string? _storeProblem;
    private LogBrokenException? _lost;

    private async Task SendByTimeAsync(CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            await _spooled.WaitAsync(_spool.IsEmpty ? Seldom : Pauses.After(failures + 1), cancellationToken);
            if (_lost is { } lost)
            {
                throw new LogBrokenException(lost.Message, lost);
            }

            failures = await TrySendAsync(cancellationToken) ? 0 : failures + 1;
        }
    }

    private async Task<bool> TrySendAsync(CancellationToken cancellationToken)
    {
        if (_spool.IsEmpty)
        {
            return true;
        }

        try
        {
            await SendAsync(cancellationToken);
            ClearStoreProblem();
            return true;
        }
        catch (IOException e)
        {
            TellStoreProblem(e);
            return false;
        }
    }

    // While the store is away segments wait on the disk; without room there nothing more is read: etcd keeps what comes, until it is
    // compacted.
    private async Task<long> UntilKeptAsync(SegmentName name, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                if (!_spool.IsEmpty && await AddAsync(name, plain, cancellationToken) is { } behind)
                {
                    return behind;
                }

                await SendAsync(cancellationToken);
                var bytes = await _store.WriteAsync(name, plain, cancellationToken);
                _stored = name.Last;
                ClearStoreProblem();
                return bytes;
            }
            catch (IOException e)
            {
                TellStoreProblem(e);
                if (await TrySpoolAsync(name, plain, cancellationToken) is { } spooled)
                {
                    return spooled;
                }

                await Task.Delay(Pauses.After(failures + 1), _time, cancellationToken);
            }
        }
    }

    private async Task<long?> AddAsync(SegmentName name, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        var added = await _spool.TryAddAsync(name, plain, cancellationToken);
        if (added is { IsFirst: true })
        {
            // Whoever sends may have found nothing, and sleeps.
            _spooled.Tell();
        }

        return added?.Bytes;
    }

    // Who asks for a moment may find first that something is lost, and cannot tell it: whoever follows the log does.
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _spool.SendAsync(_store, s => _stored = s.Last, cancellationToken);
        }
        catch (LogBrokenException e)
        {
            _lost = e;
            _spooled.Tell();
            throw;
        }
    }

    private async Task<long?> TrySpoolAsync(SegmentName name, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        try
        {
            return await AddAsync(name, plain, cancellationToken);
        }
        catch (IOException e)
        {
            TellProblem($"its changes cannot be kept on this silo's disk either: {e.Message}");
            return null;
        }
    }

    private async Task UntilAnchoredAsync(AnchorName anchor, byte[] content, CancellationToken cancellationToken)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                await _store.WriteAsync(anchor, content, cancellationToken);
                ClearStoreProblem();
                return;
            }
            catch (IOException e)
            {
                TellStoreProblem(e);
                await Task.Delay(Pauses.After(failures + 1), _time, cancellationToken);
            }
        }
    }

    private void TellStoreProblem(IOException e)
    {
        // Logged once: what stores say names a file that is another each time.
        var isKnown = _storeProblem is not null;
        _storeProblem = $"its changes cannot be stored: {e.Message}";
        if (!isKnown)
        {
            LogProblem(_spec.Key, _storeProblem);
        }
    }

    private void ClearStoreProblem()
    {
        if (_storeProblem is not null)
        {
            _storeProblem = null;
            LogStoredAgain(_spec.Key, _stored);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: its change log is stored again, up to revision {Revision}")]
    private partial void LogStoredAgain(Clusters.ClusterKey cluster, long revision);
}

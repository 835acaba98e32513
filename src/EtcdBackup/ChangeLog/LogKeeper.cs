using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots.Log;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.ChangeLog;

/// <summary>What the keepers of all change logs of a silo share.</summary>
/// <param name="Catalogs">The stores.</param>
/// <param name="Spool">Where segments wait while their store is away.</param>
/// <param name="Connections">The connections to etcd.</param>
/// <param name="Prover">Proves the logs.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">For the names of streams.</param>
/// <param name="Logger">Says how they are.</param>
internal sealed record LogServices(
    BackupCatalogs Catalogs, SpoolDisk Spool, IEtcdConnections Connections, LogProver Prover, TimeProvider Time, Random Random,
    ILogger<LogKeeper> Logger);

/// <summary>
/// Keeps the change log of one cluster: begins a stream at a backup, records what comes, proves it by each later backup, and begins a new
/// stream where one cannot go on.
/// </summary>
internal sealed partial class LogKeeper : IAsyncDisposable
{
    private static readonly Backoff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    private static readonly TimeSpan StoreWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CatchUpWithin = TimeSpan.FromSeconds(5);

    private readonly LogServices _services;
    private readonly ILogger _logger;
    private readonly ILogHost _host;
    private readonly LogBeginning _beginning;
    private readonly LogSpool _spool;
    private readonly CancellationTokenSource _end = new();
    private readonly Signal _news;
    private readonly Task _work;
    private Dictionary<BackupName, BackupEntry> _known = [];
    private DateTimeOffset? _currentAt;
    private long _proven;
    private LogTail? _tail;
    private string? _problem;
    private (bool IsWell, long? From) _toldHost;

    /// <summary>Begins.</summary>
    /// <param name="spec">The cluster's spec.</param>
    /// <param name="services">What all share.</param>
    /// <param name="host">Who takes the backups.</param>
    public LogKeeper(ClusterSpec spec, LogServices services, ILogHost host)
    {
        (Spec, _services, _logger, _host) = (spec, services, services.Logger, host);
        _beginning = new LogBeginning(services.Catalogs, spec, services.Random);
        _spool = new LogSpool(services.Spool, spec, services.Catalogs.Keys);
        _news = new Signal(services.Time);
        _work = RunAsync();
    }

    /// <summary>The cluster.</summary>
    public ClusterKey Cluster => Spec.Key;

    /// <summary>The cluster's spec.</summary>
    public ClusterSpec Spec { get; }

    /// <summary>How far it is.</summary>
    public LogState State => _tail?.State is { } state
        ? state with { Problem = _problem ?? _careProblem ?? state.Problem, Window = Window }
        : new LogState(null, 0, 0, 0, null, _problem) { Window = Window };

    /// <summary>When the cluster last had nothing beyond what came, in this stream or one before, UTC; null before it said so.</summary>
    public DateTimeOffset? CurrentAt => _tail?.State.CurrentAt ?? _currentAt;

    /// <summary>The newest revisions without a hole, as the store had them when it was last looked at; null before.</summary>
    public RecoveryWindow? Window { get; private set; }

    /// <summary>What it did.</summary>
    public LogCounts Counts { get; } = new();

    /// <summary>There is another latest backup.</summary>
    public void Tell() => _news.Tell();

    /// <summary>Stores what the cluster has now, unless that takes too long.</summary>
    /// <returns>How far it is then.</returns>
    public async Task<LogState> StoreAsync()
    {
        if (_tail is { } tail)
        {
            await TryAsync(tail.CatchUpAsync, CatchUpWithin);
            await TryAsync(tail.StoreAsync, StoreWithin);
        }

        return State;
    }

    /// <summary>Ends it; what came so far is stored.</summary>
    public async ValueTask DisposeAsync()
    {
        _end.Cancel();
        await _work.ConfigureAwait(LogTail.Ending);
        _spool.Dispose();
        _end.Dispose();
    }

    // The state says how far it came.
    private async Task TryAsync(Func<CancellationToken, Task> work, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within, _services.Time);
        try
        {
            await work(limit.Token);
        }
        catch (Exception e) when (
            e is OperationCanceledException or ObjectDisposedException or EtcdUnavailableException or LogBrokenException)
        {
            // whoever follows the log tells it
        }
    }

    private async Task RunAsync()
    {
        // Whoever begins it does not wait for its store.
        await Task.Yield();
        for (var failures = 0; !_end.IsCancellationRequested; failures++)
        {
            try
            {
                if (await BeginAsync() is { } at)
                {
                    failures = 0;
                    await KeepAsync(at);
                }
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (LogBrokenException e)
            {
                Counts.Breaks++;
                (_problem, _needsBackup) = (e.Message, true);
                _ends.AddRange(e.End is { } end ? [end] : []);
                LogBroken(Cluster, e.Message);
            }
            catch (Exception e)
            {
                // The boundary: whatever it is, the log is tried again, and says why it waits.
                Tell(e, ref _problem);
            }

            TellHost();
            await Task.Delay(Pauses.After(failures + 1), _services.Time, _end.Token).ConfigureAwait(LogTail.Ending);
        }
    }

    private void TellHost()
    {
        // Why it waits may be said in other words each time.
        var now = (State.Problem is null, Window?.From);
        if (now != _toldHost)
        {
            _toldHost = now;
            _host.Changed(Cluster);
        }
    }

    private async Task KeepAsync(LogPosition at)
    {
        var store = await LogStore.OfAsync(_services.Catalogs, Spec, _end.Token);
        using var tail = new LogTail(Spec, at, store, _spool, _services.Connections, _services.Time, _services.Logger)
        {
            Counts = Counts,
        };
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        (_tail, _problem, _careProblem, _proven) = (tail, null, null, 0);
        LogBegins(Cluster, at.Stream, at.Last.Revision);
        Task[] work = [tail.FollowAsync(either.Token), CareAsync(tail, at, store, either.Token)];
        try
        {
            await await Task.WhenAny(work);
        }
        catch (LogBrokenException e)
        {
            _beginning.End(at.Stream);
            var received = tail.State.Received;
            var end = e.IsOtherHistory && tail.Connected > _proven ? tail.Connected : received;
            _ends.AddRange(tail.IsAnchored ? [AnchorName.EndOf(at.Stream, end)] : []);
            throw new LogBrokenException($"stream {at.Stream} ends at revision {end} of {received}: {e.Message}", e);
        }
        finally
        {
            await TryAsync(tail.StoreAsync, StoreWithin);
            either.Cancel();
            await Task.WhenAll(work).ConfigureAwait(LogTail.Ending);
            (_currentAt, _tail) = (tail.State.CurrentAt ?? _currentAt, null);
        }
    }

    private async Task<IReadOnlyList<BackupEntry>> ListAsync()
    {
        var catalog = await _services.Catalogs.ForAsync(Spec, _end.Token);
        var entries = (await catalog.ListAsync(_known, _end.Token)).Entries;
        _known = entries.ToDictionary(e => e.Name);
        return entries;
    }

    private void Tell(Exception e, ref string? told)
    {
        // What stores say names a file that is another each time.
        if (told is null || (told != e.Message && e is not IOException))
        {
            LogFailed(Cluster, e is IOException or EncodingException or BackupKeyException or ChangeLogException or EtcdUnavailableException
                ? null : e, e.Message);
        }

        told = e.Message;
    }

    [LoggerMessage(Level = LogLevel.Information, Message =
        "{Cluster}: its change log goes on after revision {Revision} (stream {Stream}), if the cluster still has that")]
    private partial void LogBegins(ClusterKey cluster, string stream, long revision);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "{Cluster}: its change log breaks, and begins anew with a backup: {Why}")]
    private partial void LogBroken(ClusterKey cluster, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: its change log waits: {Why}. It is tried again")]
    private partial void LogFailed(ClusterKey cluster, Exception? exception, string why);
}

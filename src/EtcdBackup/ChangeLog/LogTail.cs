using System.Security.Cryptography;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots.Log;
using Etcdserverpb;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Mvccpb;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// Records what changes in one cluster: watches all keys, and stores what comes as segments, one after the other. When the watch breaks,
/// it goes on with another member; when revisions are missing, or are of another history, it ends, loudly.
/// </summary>
internal sealed partial class LogTail : IDisposable
{
    // Beyond, leases are asked for again.
    private const int MostLeases = 100_000;

    // A simulation has one thread, which nothing may leave.
    internal const ConfigureAwaitOptions Ending = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    private static readonly Backoff Pauses = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30));

    private readonly ClusterSpec _spec;
    private readonly LogStore _store;
    private readonly LogSpool _spool;
    private readonly IEtcdConnections _etcd;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SegmentWriter _writer;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly HashSet<long> _leases = [];
    private LogPosition _at;
    private RevisionMark _last;

    /// <summary>Goes on from a position.</summary>
    public LogTail(
        ClusterSpec spec, LogPosition at, LogStore store, LogSpool spool, IEtcdConnections etcd, TimeProvider time, ILogger logger)
    {
        (_spec, _at, _store, _spool, _etcd, _time, _logger) = (spec, at, store, spool, etcd, time, logger);
        (_lookSoon, _spooled) = (new Signal(time), new Signal(time));
        (_last, _stored, Connected) = (at.Last, at.Last.Revision, at.Last.Revision);
        _seen = new ClusterPosition(at.ClusterId.ToString("x16", null), at.Last.Revision, at.Raft.Term, at.Raft.Index);
        _writer = new SegmentWriter(at.Last.Revision + 1);
    }

    /// <summary>How far it is.</summary>
    public LogState State => new(
        _at.Stream, _last.Revision, _stored, Math.Max(_cluster, _last.Revision), _currentAt, _storeProblem ?? _problem)
    {
        Waiting = _spool.Count,
    };

    /// <summary>Records, until it is ended or cannot go on.</summary>
    /// <exception cref="LogBrokenException">It cannot go on.</exception>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] work =
        [
            WatchOnAsync(either.Token), SealByTimeAsync(either.Token), SendByTimeAsync(either.Token), LookByTimeAsync(either.Token),
        ];
        try
        {
            await await Task.WhenAny(work);
        }
        finally
        {
            either.Cancel();
            await Task.WhenAll(work).ConfigureAwait(Ending);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _digest.Dispose();

    private async Task WatchOnAsync(CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            var before = _last.Revision;
            try
            {
                await WatchAsync(failures, cancellationToken);
            }
            catch (RevisionCompactedException e)
            {
                throw new LogBrokenException(
                    $"revision {_last.Revision + 1} was compacted away before it was recorded: {e.Message}", e);
            }
            catch (ChangeLogException e)
            {
                throw new LogBrokenException(e.Message, e);
            }
            catch (EtcdUnavailableException e)
            {
                failures = _last.Revision > before ? 1 : failures + 1;
                TellProblem(e.Message);
                await Task.Delay(Pauses.After(failures), _time, cancellationToken);
            }
        }
    }

    private async Task WatchAsync(int failures, CancellationToken cancellationToken)
    {
        using var cluster = await _etcd.OpenAsync(_spec, cancellationToken);
        var (members, position) = await LookAsync(cluster, cancellationToken);
        var able = MemberChoice.Givers([.. members], _spec.Backup.PreferLearner).Where(m => m.Revision >= _last.Revision)
            .OrderBy(m => m.IsLeader).ToArray();
        if (able.Length == 0)
        {
            throw new EtcdUnavailableException(
                $"no member of {_spec.Key} is at revision {_last.Revision}, which was recorded: {MemberChoice.Explain(members)}");
        }

        await ExpectHistoryAsync(cluster, able, cancellationToken);
        await _turn.DoAsync(() => BeginWatch(position), cancellationToken);

        // Not from the next revision on: a member that is compacted at just that one leaves out its deletions, and does not say so.
        using var watch = _watch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var member = cluster.Watched(able[failures % able.Length].Endpoint);
        try
        {
            await member.WatchAsync(
                _last.Revision, AskEvery, answer => TakeAsync(member, answer, watch.Token), watch.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EtcdUnavailableException("another member is watched", e);
        }
        finally
        {
            _watch = null;
        }
    }

    private Task BeginWatch(ClusterPosition position)
    {
        _writer.Drop();
        _digest.GetHashAndReset();
        _digestOf = 0;
        (_comparing, _put, Connected) = ([], _last.Put, _last.Revision);
        _behindUntil = position.Revision > _last.Revision ? position.Revision : 0;
        (_movedAt, _nothingUpTo) = (_time.GetTimestamp(), 0);
        return Task.CompletedTask;
    }

    private async ValueTask TakeAsync(IWatchedMember member, WatchResponse answer, CancellationToken cancellationToken)
    {
        if (answer.Header.ClusterId != _at.ClusterId)
        {
            throw new LogBrokenException($"the watch answers for cluster {answer.Header.ClusterId:x16}, not {_at.ClusterId:x16}");
        }

        if (answer.Events.Count == 0)
        {
            await CheckUsersAsync(member, cancellationToken);
        }

        var from = Compare(answer);
        if (_comparing is null && !IsAnchored)
        {
            await _turn.DoAsync(() => AnchorAsync(cancellationToken), cancellationToken);
        }

        var leases = await LeasesAsync(member, answer, from, cancellationToken);
        await _turn.DoAsync(() => AddAsync(answer, from, leases, cancellationToken), cancellationToken);
    }

    private Task AddAsync(WatchResponse answer, int from, List<LeaseTtl> leases, CancellationToken cancellationToken)
    {
        Add(answer, from, leases);
        return _writer.Size >= _spec.Backup.Log!.SealInMB * 1024 * 1024 ? SealAsync(cancellationToken) : Task.CompletedTask;
    }

    // A watch tells the lease's id alone.
    private async Task<List<LeaseTtl>> LeasesAsync(
        IWatchedMember member, WatchResponse answer, int from, CancellationToken cancellationToken)
    {
        var found = new List<LeaseTtl>();
        foreach (var lease in answer.Events.Skip(from).Select(e => e.Kv.Lease).Where(l => l != 0 && !_leases.Contains(l)).Distinct())
        {
            if (await member.LeaseTtlAsync(lease, cancellationToken) is { } seconds)
            {
                found.Add(new LeaseTtl(lease, seconds));
            }
        }

        return found;
    }

    private void Add(WatchResponse answer, int from, List<LeaseTtl> leases)
    {
        var now = _time.GetUtcNow();
        _cluster = Math.Max(_cluster, answer.Header.Revision);
        if (answer.Events.Count == from)
        {
            _nothingUpTo = answer.Created ? _nothingUpTo : Math.Max(_nothingUpTo, answer.Header.Revision);
            ClearProblem(answer);
            return;
        }

        _writer.BeginBatch(now.ToUnixTimeMilliseconds());
        foreach (var e in answer.Events.Skip(from))
        {
            _writer.Add(e.Type == Event.Types.EventType.Delete, e.Kv.ToByteArray());
        }

        foreach (var lease in leases)
        {
            _writer.AddLease(lease);
            _leases.Add(lease.Id);
        }

        if (_leases.Count > MostLeases)
        {
            _leases.Clear();
        }

        _writer.EndBatch(answer.Fragment);
        _unsealedSince ??= now;
        Remember(answer, from);
        (_movedAt, _inVain) = (_time.GetTimestamp(), 0);
        if (_behindUntil > 0)
        {
            // It happened at some time since the watch broke.
            _caughtUpAt = now;
            _behindUntil = _last.Revision >= _behindUntil ? 0 : _behindUntil;
        }

        ClearProblem(answer);
    }
}

using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.Etcd;

namespace EtcdBackup.ChangeLog;

/// <content>Whether the cluster is still the one that is recorded, and whether the recording is behind it.</content>
internal sealed partial class LogTail
{
    // A member that is cut off goes on saying that nothing happens.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    // A thousand idle clusters are to cost next to nothing. Who needs to know sooner asks.
    private const int SealsBetweenLooks = 3;
    private static readonly TimeSpan LongestBetweenLooks = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestBetweenQuestions = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _lookSoon = new(0);
    private ClusterPosition _seen;
    private long _behindUntil;
    private long _movedAt;
    private CancellationTokenSource? _watch;

    private TimeSpan AskEvery => Shorter(TimeSpan.FromSeconds(_spec.Backup.Log!.SealInSecond), LongestBetweenQuestions);

    private TimeSpan LookEvery => Shorter(AskEvery * SealsBetweenLooks, LongestBetweenLooks);

    /// <summary>The last revision when the watch was connected: what came since, only a backup can vouch for.</summary>
    public long Connected { get; private set; }

    /// <summary>Waits until all has come that the cluster has now.</summary>
    /// <exception cref="EtcdUnavailableException">The cluster does not answer.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        while (_currentAt is not { } current || current < now)
        {
            await LookOnceAsync(cancellationToken);
            await Task.Delay(LookAgain, _time, cancellationToken);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task LookByTimeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _lookSoon.WaitAsync(LookEvery, cancellationToken);
            try
            {
                await LookOnceAsync(cancellationToken);
            }
            catch (EtcdUnavailableException)
            {
                // The watch tells it, and nothing is known meanwhile.
            }
        }
    }

    private async Task LookOnceAsync(CancellationToken cancellationToken)
    {
        using var cluster = await _etcd.OpenAsync(_spec, cancellationToken);
        var at = _time.GetUtcNow();
        var (_, position) = await LookAsync(cluster, cancellationToken);
        _cluster = Math.Max(_cluster, position.Revision);
        _behindUntil = _behindUntil == long.MaxValue ? position.Revision : _behindUntil;
        if (_last.Revision >= position.Revision)
        {
            (_currentAt, _movedAt) = (at, _time.GetTimestamp());
        }
        else if (_time.GetElapsedTime(_movedAt) > Patience)
        {
            TellProblem(string.Create(CultureInfo.InvariantCulture,
                $"the cluster is at revision {position.Revision}, and the watched member told nothing after {_last.Revision}"));
            _watch?.Cancel();
        }
    }

    // A quorum says where the cluster is. If that is behind where it was, it was restored.
    private async Task<(IReadOnlyList<MemberStatus> Members, ClusterPosition Position)> LookAsync(
        IEtcdCluster cluster, CancellationToken cancellationToken)
    {
        var members = await cluster.ProbeAsync(cancellationToken);
        var confirmed = await cluster.ConfirmAsync(MemberChoice.Voters(members), cancellationToken) ??
            throw new EtcdUnavailableException($"no quorum of {_spec.Key} answers: {MemberChoice.Explain(members)}");
        members = MemberChoice.OfQuorum(members, confirmed.Revision);
        var position = ClusterPosition.Of(
            [confirmed, .. members.Where(m => m.Answered && m.ClusterId == confirmed.ClusterId && m.Error is null)]);
        if (position.IsBehind(_seen))
        {
            throw new LogBrokenException(string.Create(CultureInfo.InvariantCulture,
                $"the cluster is at revision {position.Revision}, raft term {position.RaftTerm} and index {position.RaftIndex}, and was " +
                $"at {_seen.Revision}, {_seen.RaftTerm} and {_seen.RaftIndex}: it was restored, or made anew"));
        }

        _seen = _seen.Highest(position);
        return (members, position);
    }
}

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

    private readonly Signal _lookSoon;
    private ClusterPosition _seen;
    private long _behindUntil;
    private long _movedAt;
    private int _inVain;
    private long _nothingUpTo;
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
        var (members, position) = await LookAsync(cluster, cancellationToken);
        _cluster = Math.Max(_cluster, position.Revision);
        _behindUntil = _behindUntil == long.MaxValue ? position.Revision : _behindUntil;
        if (_last.Revision >= position.Revision)
        {
            (_currentAt, _movedAt, _inVain) = (at, _time.GetTimestamp(), 0);
        }
        else if (_time.GetElapsedTime(_movedAt) > Patience)
        {
            // Whoever is only slow has not said so.
            if (_nothingUpTo >= position.Revision && ++_inVain > members.Count)
            {
                throw new LogBrokenException(string.Create(CultureInfo.InvariantCulture,
                    $"the cluster is at revision {position.Revision}, and no member tells what came after {_last.Revision}"));
            }

            TellProblem(string.Create(CultureInfo.InvariantCulture,
                $"the cluster is at revision {position.Revision}, and the watched member told nothing after {_last.Revision}"));
            _watch?.Cancel();
        }
    }

    // A quorum says where the cluster is. If that is behind where it was, it was restored.
    private async Task<(IReadOnlyList<MemberStatus> Members, ClusterPosition Position)> LookAsync(
        IEtcdCluster cluster, CancellationToken cancellationToken)
    {
        // What a member tells of in a watch is committed: what is asked for later is not less.
        var told = _seen with { Revision = Math.Max(_seen.Revision, _last.Revision) };
        var members = await cluster.ProbeAsync(cancellationToken);
        var confirmed = await ClusterRead.ConfirmAsync(cluster, MemberChoice.Voters(members), cancellationToken) ??
            throw new EtcdUnavailableException($"no quorum of {_spec.Key} answers: {MemberChoice.Explain(members)}");
        members = MemberChoice.OfQuorum(members, confirmed.Revision);
        var position = ClusterPosition.Of(
            [confirmed, .. members.Where(m => m.Answered && m.ClusterId == confirmed.ClusterId && m.Error is null)]);
        if (position.IsBehind(told))
        {
            throw new LogBrokenException(string.Create(CultureInfo.InvariantCulture,
                $"the cluster is at revision {position.Revision}, raft term {position.RaftTerm} and index {position.RaftIndex}, and was " +
                $"at {told.Revision}, {told.RaftTerm} and {told.RaftIndex}: it was restored, or made anew"));
        }

        _seen = _seen.Highest(position);
        return (members, position);
    }
}

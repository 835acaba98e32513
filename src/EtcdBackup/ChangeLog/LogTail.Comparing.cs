using System.Globalization;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;
using Etcdserverpb;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Mvccpb;

namespace EtcdBackup.ChangeLog;

/// <content>Whether what the watch tells goes on from what is known.</content>
internal sealed partial class LogTail
{
    private static readonly TimeSpan CheckUsersEvery = TimeSpan.FromSeconds(30);

    private List<LastPut?>? _comparing;
    private LastPut? _put;
    private long? _usersAt;
    private ulong? _users;

    // No watch tells of users and roles: a backup that is made has those of the one that it is made of.
    private async Task CheckUsersAsync(IWatchedMember member, CancellationToken cancellationToken)
    {
        if (_usersAt is { } at && _time.GetElapsedTime(at) < CheckUsersEvery)
        {
            return;
        }

        _usersAt = _time.GetTimestamp();
        var users = await member.AuthRevisionAsync(cancellationToken);
        if (_users is { } before && users is { } now && now != before)
        {
            throw new LogBrokenException("users or roles of the cluster were changed");
        }

        _users = users ?? _users;
    }

    // Whether the members have the history up to the last revision that is known: the events of that revision alone do not always tell.
    private async Task ExpectHistoryAsync(IEtcdCluster cluster, IEnumerable<MemberStatus> members, CancellationToken cancellationToken)
    {
        if (_last.Put is { } put &&
            await ClusterRead.OfAsync(cluster, members, put, isLocal: true, cancellationToken) is { HoldsLastPut: false })
        {
            throw new LogBrokenException(string.Create(CultureInfo.InvariantCulture,
                $"the cluster does not have the put of revision {put.Revision}, or the deletion after it: it was restored"));
        }
    }

    // The digest of the last revision, whose events may be in several answers.
    private void Remember(WatchResponse answer, int from)
    {
        var last = answer.Events[^1].Kv.ModRevision;
        if (last != _digestOf)
        {
            _digest.GetHashAndReset();
            _digestOf = last;
        }

        NoteLast(answer.Events, from);
        foreach (var e in answer.Events.Skip(from).Where(e => e.Kv.ModRevision == last && e.Type == Event.Types.EventType.Put))
        {
            RevisionMark.Append(_digest, e.Kv.ToByteArray());
        }

        if (!answer.Fragment)
        {
            _last = new RevisionMark(_digestOf, _digest.GetCurrentHash(), _put);
        }
    }

    private void NoteLast(RepeatedField<Event> events, int from)
    {
        for (var i = events.Count - 1; i >= from; i--)
        {
            if (events[i] is { Type: Event.Types.EventType.Put, Kv: { } kv })
            {
                _put = LastPut.Of(kv.Key.Span, kv.ModRevision, kv.CreateRevision, kv.Version, kv.Value.Span, kv.Lease);
                break;
            }
        }

        var last = events[^1];
        _put = RevisionMark.WithDeletion(_put, last.Type == Event.Types.EventType.Delete, last.Kv.Key.Span, last.Kv.ModRevision);
    }

    // The first events are those of the last revision, which is known. Returns where the new ones begin.
    private int Compare(WatchResponse answer)
    {
        var at = 0;
        for (; at < answer.Events.Count && answer.Events[at].Kv.ModRevision <= Connected; at++)
        {
            if (_comparing is not null && answer.Events[at] is { Type: Event.Types.EventType.Put, Kv: { } kv })
            {
                RevisionMark.Append(_digest, kv.ToByteArray());
                _comparing.Add(LastPut.Of(kv.Key.Span, kv.ModRevision, kv.CreateRevision, kv.Version, kv.Value.Span, kv.Lease));
            }
        }

        if (_comparing is null)
        {
            return at;
        }

        // All of them came if another follows, or if the member says that it has nothing more.
        var isNext = at < answer.Events.Count;
        if (isNext || answer is { Created: false, Fragment: false })
        {
            if (_last.Fits(_digest.GetCurrentHash(), _comparing))
            {
                _comparing = null;
                _digest.GetHashAndReset();
            }
            else if (isNext || _comparing.Count > 0)
            {
                throw new LogBrokenException(string.Create(
                    CultureInfo.InvariantCulture, $"revision {_last.Revision} is not what was recorded: the cluster was restored"));
            }
        }

        return at;
    }
}

using System.Globalization;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;
using Etcdserverpb;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.ChangeLog;

/// <content>Whether what the watch tells goes on from what is known.</content>
internal sealed partial class LogTail
{
    private static readonly TimeSpan CheckUsersEvery = TimeSpan.FromSeconds(30);

    private List<LastPut?>? _comparing;
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

using System.Globalization;
using EtcdBackup.Snapshots;
using Etcdserverpb;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.ChangeLog;

/// <content>Whether the watch goes on where what was recorded ends.</content>
internal sealed partial class LogTail
{
    // The first events are those of the last revision, which is known. Returns where the new ones begin.
    private int Compare(WatchResponse answer)
    {
        if (_comparing is null)
        {
            return 0;
        }

        var at = 0;
        for (; at < answer.Events.Count && answer.Events[at].Kv.ModRevision == _last.Revision; at++)
        {
            if (answer.Events[at] is { Type: Event.Types.EventType.Put, Kv: { } kv })
            {
                RevisionMark.Append(_digest, kv.ToByteArray());
                _comparing.Add(LastPut.Of(kv.Key.Span, kv.ModRevision, kv.CreateRevision, kv.Version, kv.Value.Span, kv.Lease));
            }
        }

        // All of them came if another follows, or if the member says that it has nothing more.
        if (at < answer.Events.Count || (answer is { Created: false, Fragment: false } && _comparing.Count > 0))
        {
            if (!_last.Fits(_digest.GetHashAndReset(), _comparing))
            {
                throw new LogBrokenException(string.Create(CultureInfo.InvariantCulture,
                    $"revision {_last.Revision} is not what was recorded: the cluster was restored"));
            }

            _comparing = null;
        }

        return at;
    }
}

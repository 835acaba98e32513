using EtcdBackup.Snapshots;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdBackup.Etcd;

/// <content>Whether the member has the history of a snapshot.</content>
internal sealed partial class EtcdMember
{
    private static LastPut? Find(RangeResponse answer) => answer.Kvs is not [var found, ..] ? null : LastPut.Of(
        found.Key.Span, found.ModRevision, found.CreateRevision, found.Version, found.Value.Span, found.Lease);

    private async Task<bool?> HoldsAsync(LastPut lastPut, RangeResponse now, CancellationToken cancellationToken)
    {
        var holds = await HoldsPutAsync(lastPut, now, cancellationToken);
        if (holds is false || lastPut.Deleted is not { } deleted)
        {
            return holds;
        }

        // A member that has not come to the deletion yet cannot tell.
        return now.Header.Revision < deleted.Revision ? null : await HoldsAsync(deleted, cancellationToken) is false ? false : holds;
    }

    // If the key changed since, the read at that revision decides, as long as it is not compacted.
    private async Task<bool?> HoldsPutAsync(LastPut lastPut, RangeResponse now, CancellationToken cancellationToken) =>
        lastPut.IsIn(Find(now)) is { } holds ? holds
            : await AtAsync(lastPut.Key, lastPut.Revision, cancellationToken) is { } then ? lastPut.Equals(Find(then)) : null;

    // Before the deletion the key was there, and after it no longer.
    private async Task<bool?> HoldsAsync(LastDeletion deleted, CancellationToken cancellationToken)
    {
        if (await AtAsync(deleted.Key, 0, cancellationToken) is { } now && deleted.IsIn(Find(now)) is false)
        {
            return false;
        }

        var after = await AtAsync(deleted.Key, deleted.Revision, cancellationToken);
        var before = after is null ? null : await AtAsync(deleted.Key, deleted.Revision - 1, cancellationToken);
        return after is { Kvs.Count: > 0 } || before is { Kvs.Count: 0 } ? false : before is null ? null : true;
    }

    // Null: nobody can tell any more.
    private async Task<RangeResponse?> AtAsync(byte[] key, long revision, CancellationToken cancellationToken)
    {
        try
        {
            var request = new RangeRequest { Key = ByteString.CopyFrom(key), Revision = revision, Serializable = true };
            return await RangeAsync(request, cancellationToken);
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private Task<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellationToken) => CallAsync(
        headers => new KV.KVClient(_invoker)
            .RangeAsync(request, headers, DateTime.UtcNow + _timeouts.Confirm, cancellationToken).ResponseAsync,
        cancellationToken);
}

using EtcdBackup.Clusters;
using EtcdBackup.Snapshots;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdBackup.Etcd;

/// <summary>The connection to one member: a channel of its own, so that a slow member never delays another.</summary>
internal sealed partial class EtcdMember : IDisposable
{
    private readonly MemberChannel _channel;
    private readonly EtcdConnections _connections;
    private readonly CallInvoker _invoker;
    private readonly EtcdSession _session;
    private readonly EtcdTimeouts _timeouts;
    private bool _failed;

    internal EtcdMember(Uri endpoint, MemberChannel channel, EtcdConnections connections, EtcdSession session, EtcdTimeouts timeouts)
    {
        Endpoint = endpoint;
        _channel = channel;
        _connections = connections;
        _session = session;
        _timeouts = timeouts;
        _invoker = channel.Channel.CreateCallInvoker();
    }

    /// <summary>The client URL.</summary>
    public Uri Endpoint { get; }

    /// <summary>Probes the member.</summary>
    public async Task<MemberStatus> ProbeAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            // Newer 3.5 servers require a login even for this.
            var s = await CallAsync(headers => new Maintenance.MaintenanceClient(_invoker)
                .StatusAsync(new StatusRequest(), headers, DateTime.UtcNow + timeout, cancellationToken).ResponseAsync, cancellationToken);
            return EtcdVersion.TryParse(s.Version, out var version)
                ? new MemberStatus
                {
                    Endpoint = Endpoint,
                    ClusterId = s.Header.ClusterId,
                    MemberId = s.Header.MemberId,
                    Leader = s.Leader,
                    Revision = s.Header.Revision,
                    RaftTerm = s.RaftTerm,
                    RaftIndex = s.RaftIndex,
                    Version = version,
                    DbSize = s.DbSize,
                    IsLearner = s.IsLearner,
                    Alarms = MemberAlarm.Read(s.Errors),
                    IsCorrupt = MemberAlarm.Read(s.Errors).Contains(new MemberAlarm(s.Header.MemberId, MemberAlarm.Corrupt)),
                    Quota = s.DbSizeQuota,
                }
                : new MemberStatus { Endpoint = Endpoint, Error = $"gives its version as '{s.Version}'" };
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            return new MemberStatus { Endpoint = Endpoint, Error = await ExplainAsync(e, timeout, cancellationToken) };
        }
    }

    /// <summary>
    /// Reads. A linearizable read waits until the member has applied all that the cluster had committed when it was asked.
    /// </summary>
    /// <param name="lastPut">The put to look for; null: none.</param>
    /// <param name="isLocal">Whether to read only what the member itself has; else the read is linearizable.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when there was no answer in time, as without a quorum.</returns>
    internal async Task<MemberRead?> ReadAsync(LastPut? lastPut, bool isLocal, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await RangeAsync(
                lastPut is null
                    ? new RangeRequest { Key = ByteString.CopyFromUtf8("\0"), CountOnly = true, Serializable = isLocal }
                    : new RangeRequest { Key = ByteString.CopyFrom(lastPut.Key), Serializable = isLocal },
                cancellationToken);
            var revision = answer.Header.Revision;
            return new MemberRead(
                revision, lastPut is null || revision < lastPut.Revision ? null : await HoldsAsync(lastPut, answer, cancellationToken));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.DataLoss && !isLocal && !cancellationToken.IsCancellationRequested)
        {
            // An alarm of some member forbids reads everywhere; that is said only after the waiting (etcd server/etcdserver/apply:
            // applierV3Corrupt).
            return await ProbeAsync(_timeouts.Probe, cancellationToken) is { Answered: true } status
                ? new MemberRead(status.Revision, null) : null;
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // The caller then throws an error that lists the answer of each member.
            return null;
        }
    }

    /// <summary>Asks for the hash over all keys up to a revision.</summary>
    /// <returns>The hash and the compacted revision it was computed for; null when the member cannot tell any more, with the
    /// reason.</returns>
    internal async Task<(MemberHash? Hash, string? Reason)> HashKVAsync(long revision, CancellationToken cancellationToken)
    {
        try
        {
            // Hashing a large database takes a member long: the limit is that of silence, not of a probe.
            var answer = await CallAsync(headers => new Maintenance.MaintenanceClient(_invoker)
                .HashKVAsync(new HashKVRequest { Revision = revision }, headers, DateTime.UtcNow + (10 * _timeouts.Silence),
                    cancellationToken)
                .ResponseAsync, cancellationToken);

            // -1 when nothing was ever compacted
            return (new MemberHash(answer.Hash, Math.Max(0, answer.CompactRevision)), null);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, MemberFailure.Explain(e));
        }
    }

    /// <summary>
    /// Streams a snapshot into <paramref name="receiver"/>, message by message; gives up after <see cref="EtcdTimeouts.Silence"/> without
    /// a byte.
    /// </summary>
    /// <exception cref="EtcdUnavailableException">The stream broke, or went silent.</exception>
    internal async Task SnapshotAsync(SnapshotReceiver receiver, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await CallAsync(async headers =>
            {
                silence.CancelAfter(_timeouts.Silence);
                using var call = _invoker.AsyncServerStreamingCall(
                    receiver.Method, null, new CallOptions(headers, cancellationToken: silence.Token), new SnapshotRequest());
                while (await call.ResponseStream.MoveNext(silence.Token))
                {
                    silence.CancelAfter(_timeouts.Silence);
                    if (receiver.HasFullBlocks)
                    {
                        // Waiting for a slow disk is not the member's silence.
                        silence.CancelAfter(Timeout.InfiniteTimeSpan);
                        await receiver.PassOnAsync(cancellationToken);
                        silence.CancelAfter(_timeouts.Silence);
                    }
                }

                return true;
            }, silence.Token);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var why = silence.IsCancellationRequested ? $"sent nothing for {_timeouts.Silence.TotalSeconds:0.#} s" : e is RpcException rpc
                ? MemberFailure.Explain(rpc) : e.Message;
            throw new EtcdUnavailableException(
                $"{MemberStatus.AddressOf(Endpoint)} {why} after {receiver.BytesReceived} bytes of the snapshot", e);
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connections.Return(_channel, _failed);

    private async Task<T> CallAsync<T>(Func<Metadata, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await _session.CallAsync(_invoker, _timeouts.Confirm, call, cancellationToken);
        }
        catch
        {
            // After any failure the next call gets a new connection: otherwise a dead peer would be asked on the old one again and again.
            _failed = true;
            throw;
        }
    }

    private async Task<string> ExplainAsync(RpcException e, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!MemberFailure.IsUnclear(e))
        {
            return MemberFailure.Explain(e);
        }

        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(timeout);
        return await _channel.Dialer.DiagnoseAsync(late.Token) is { } cause ? $"cannot be reached: {cause}" : MemberFailure.Explain(e);
    }
}

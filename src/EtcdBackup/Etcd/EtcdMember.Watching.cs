using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdBackup.Etcd;

/// <content>What the change log asks of a member.</content>
internal sealed partial class EtcdMember : IWatchedMember
{
    // A member that does not answer to a request for progress (before etcd 3.4) says something every ten minutes.
    private static readonly TimeSpan ProgressOfItself = TimeSpan.FromMinutes(11);

    private static readonly ByteString FirstKey = ByteString.CopyFromUtf8("\0");

    /// <inheritdoc/>
    public async Task WatchAsync(
        long from, TimeSpan progressEvery, Func<WatchResponse, ValueTask> take, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await CallAsync(
                async headers =>
                {
                    using var call = new Watch.WatchClient(_invoker).Watch(headers, cancellationToken: silence.Token);
                    await call.RequestStream.WriteAsync(FromRevision(from), silence.Token);
                    using var asking = CancellationTokenSource.CreateLinkedTokenSource(silence.Token);
                    var asks = AskAsync(call.RequestStream, progressEvery, asking.Token);
                    try
                    {
                        await ReadAsync(call.ResponseStream, silence, progressEvery + _timeouts.Silence, take);
                        return true;
                    }
                    finally
                    {
                        await asking.CancelAsync();
                        await asks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    }
                },
                silence.Token);
        }
        catch (Exception e) when ((e is RpcException or OperationCanceledException) && !cancellationToken.IsCancellationRequested)
        {
            var why = silence.IsCancellationRequested ? "went silent" : e is RpcException rpc ? MemberFailure.Explain(rpc) : e.Message;
            throw new EtcdUnavailableException($"the watch of {MemberStatus.AddressOf(Endpoint)} broke: {why}", e);
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<long?> LeaseTtlAsync(long lease, CancellationToken cancellationToken)
    {
        try
        {
            var request = new LeaseTimeToLiveRequest { ID = lease };
            var answer = await CallAsync(
                headers => new Lease.LeaseClient(_invoker)
                    .LeaseTimeToLiveAsync(request, headers, DateTime.UtcNow + _timeouts.Confirm, cancellationToken).ResponseAsync,
                cancellationToken);
            return answer.TTL < 0 || answer.GrantedTTL <= 0 ? null : answer.GrantedTTL;
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // Its keys are kept then, and do not expire after a restore: the safe side.
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<ulong?> AuthRevisionAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await CallAsync(
                headers => new Auth.AuthClient(_invoker)
                    .AuthStatusAsync(new AuthStatusRequest(), headers, DateTime.UtcNow + _timeouts.Confirm, cancellationToken)
                    .ResponseAsync,
                cancellationToken);
            return answer.AuthRevision;
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static WatchRequest FromRevision(long from) => new()
    {
        CreateRequest = new WatchCreateRequest
        {
            Key = FirstKey,
            RangeEnd = FirstKey,
            StartRevision = from,
            ProgressNotify = true,
            Fragment = true,
        },
    };

    private async Task ReadAsync(
        IAsyncStreamReader<WatchResponse> answers, CancellationTokenSource silence, TimeSpan limit, Func<WatchResponse, ValueTask> take)
    {
        var answersToAsking = false;
        silence.CancelAfter(_timeouts.Silence);
        while (await answers.MoveNext(silence.Token))
        {
            var answer = answers.Current;
            if (answer.Canceled)
            {
                throw answer.CompactRevision > 0
                    ? new RevisionCompactedException(
                        $"{MemberStatus.AddressOf(Endpoint)} was compacted at revision {answer.CompactRevision}")
                    : new EtcdUnavailableException($"{MemberStatus.AddressOf(Endpoint)} ended the watch: {answer.CancelReason}");
            }

            // Waiting for a slow store is not the member's silence.
            silence.CancelAfter(Timeout.InfiniteTimeSpan);
            answersToAsking |= answer is { Created: false, Events.Count: 0 };
            await take(answer);
            silence.CancelAfter(answersToAsking ? limit : ProgressOfItself);
        }

        throw new EtcdUnavailableException($"{MemberStatus.AddressOf(Endpoint)} ended the watch");
    }

    private static async Task AskAsync(IClientStreamWriter<WatchRequest> requests, TimeSpan every, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(every, cancellationToken);
            await requests.WriteAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() }, cancellationToken);
        }
    }
}

using EtcdBackup.Etcd;
using Etcdserverpb;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.Simulation;

/// <summary>The watch of a member: what it applied, in order, until it is down, restored or stuck.</summary>
internal sealed class SimWatch(World world, SimEtcd etcd, SimMember member) : IWatchedMember
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    public async Task WatchAsync(
        long from, TimeSpan progressEvery, Func<WatchResponse, ValueTask> take, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken);
        var (era, next, said) = (member.Era, from, world.Elapsed);
        ExpectNotCompacted(next);
        await take(Answer([], isCreated: true));
        while (true)
        {
            await PassAsync(cancellationToken);
            if (member.Era != era)
            {
                throw new EtcdUnavailableException("the watch broke");
            }

            ExpectNotCompacted(next);

            // Answers come in pieces, and the watch waits for whoever takes them.
            var puts = etcd.Since(member, next).Take(world.Random.Next(1, 50)).ToArray();
            if (puts.Length > 0)
            {
                next = puts[^1].Revision + 1;
                await take(Answer(puts, isCreated: false));
            }
            else if (world.Elapsed - said >= progressEvery)
            {
                said = world.Elapsed;
                await take(Answer([], isCreated: false));
            }
        }
    }

    public Task<long?> LeaseTtlAsync(long lease, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public Task<ulong?> AuthRevisionAsync(CancellationToken cancellationToken) => Task.FromResult<ulong?>(1);

    private void ExpectNotCompacted(long next)
    {
        if (next < etcd.Compacted && next <= member.Applied.Revision)
        {
            throw new RevisionCompactedException($"it was compacted at revision {etcd.Compacted}");
        }
    }

    private WatchResponse Answer(SimPut[] puts, bool isCreated)
    {
        var answer = new WatchResponse
        {
            Header = new ResponseHeader { ClusterId = etcd.ClusterId, MemberId = member.Id, Revision = member.Applied.Revision },
            Created = isCreated,
        };
        answer.Events.AddRange(puts.Select(p => new Event
        {
            Type = p.IsDeletion ? Event.Types.EventType.Delete : Event.Types.EventType.Put,
            Kv = Told(p),
        }));
        return answer;
    }

    private KeyValue Told(SimPut put)
    {
        var told = put.Told;
        told.Key = put.Revision == etcd.ToldWrong ? ByteString.CopyFromUtf8("wrong") : told.Key;
        return told;
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        await world.DelayAsync(5, 300).WaitAsync(cancellationToken);
        if (!member.IsUp)
        {
            throw new EtcdUnavailableException("the watch broke");
        }

        if (etcd.IsStuck)
        {
            await world.DelayAsync(Silence).WaitAsync(cancellationToken);
            throw new EtcdUnavailableException("the watch went silent");
        }
    }
}

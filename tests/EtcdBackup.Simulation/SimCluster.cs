using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Simulation;

/// <summary>The way to it.</summary>
internal sealed class SimConnections(World world, Func<ClusterKey, SimEtcd> etcds) : IEtcdConnections
{
    public Task<IEtcdCluster> OpenAsync(ClusterSpec spec, CancellationToken cancellationToken) =>
        Task.FromResult<IEtcdCluster>(new SimCluster(world, etcds(spec.Key)));
}

/// <inheritdoc cref="SimConnections"/>
internal sealed class SimCluster(World world, SimEtcd etcd) : IEtcdCluster
{
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(3);

    public SimEtcd Etcd => etcd;

    public async Task<IReadOnlyList<MemberStatus>> ProbeAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(etcd.Members.Select(m => ProbeAsync(m, cancellationToken)));

    public async Task<MemberStatus> ProbeAsync(SimMember member, CancellationToken cancellationToken)
    {
        await world.DelayAsync(1, 40);
        var status = etcd.StatusOf(member);
        if (!status.Answered)
        {
            await world.DelayAsync(etcd.IsMute ? TimeSpan.FromDays(1) : ProbeLimit);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return status;
    }

    public async Task<MemberStatus?> ConfirmAsync(IEnumerable<MemberStatus> candidates, CancellationToken cancellationToken)
    {
        foreach (var member in candidates.Select(c => etcd.Members.First(m => m.Endpoint == c.Endpoint)))
        {
            if (await ReadAsync(member))
            {
                var status = await ProbeAsync(member, cancellationToken);
                if (status.Answered)
                {
                    return status;
                }
            }
        }

        return null;
    }

    public async Task<ClusterRead?> ReadAsync(
        IEnumerable<MemberStatus> candidates, LastPut? lastPut, CancellationToken cancellationToken)
    {
        foreach (var member in candidates.Select(c => etcd.Members.First(m => m.Endpoint == c.Endpoint)))
        {
            if (await ReadAsync(member))
            {
                var status = etcd.StatusOf(member);
                return new ClusterRead(status.Revision, lastPut is null ? null : etcd.Holds(member, lastPut));
            }
        }

        return null;
    }

    public async Task<bool?> HoldsAsync(IEnumerable<MemberStatus> candidates, LastPut lastPut, CancellationToken cancellationToken)
    {
        foreach (var member in candidates.Select(c => etcd.Members.First(m => m.Endpoint == c.Endpoint)))
        {
            await world.DelayAsync(1, 40);
            if (member.IsUp && !etcd.IsStuck && etcd.Holds(member, lastPut) is { } holds)
            {
                return holds;
            }
        }

        return null;
    }

    public IWatchedMember Watched(Uri endpoint) => new SimWatch(world, etcd, etcd.Members.First(m => m.Endpoint == endpoint));

    public void Dispose()
    {
        // nothing is open
    }

    // A linearizable read.
    private async Task<bool> ReadAsync(SimMember member)
    {
        await world.DelayAsync(1, 40);
        if (!member.IsUp || member.IsCutOff || etcd.IsStuck || !etcd.HasQuorum)
        {
            await world.DelayAsync(TimeSpan.FromSeconds(5));
            return false;
        }

        etcd.CatchUp(member);
        return true;
    }
}

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
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);

    public SimEtcd Etcd => etcd;

    public async Task<IReadOnlyList<MemberStatus>> ProbeAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(etcd.Members.Select(m => ProbeAsync(m, cancellationToken)));

    public Task<MemberStatus> ProbeAsync(Uri endpoint, CancellationToken cancellationToken) =>
        ProbeAsync(Of(endpoint), cancellationToken);

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

    public async Task<MemberRead?> ReadAsync(Uri endpoint, LastPut? lastPut, bool isLocal, CancellationToken cancellationToken)
    {
        var member = Of(endpoint);
        await world.DelayAsync(1, 40);
        if (!member.IsUp || etcd.IsStuck)
        {
            await world.DelayAsync(isLocal ? TimeSpan.Zero : ReadLimit).WaitAsync(cancellationToken);
            return null;
        }

        if (!isLocal)
        {
            if (member.IsCutOff || !etcd.HasQuorum)
            {
                await world.DelayAsync(ReadLimit).WaitAsync(cancellationToken);
                return null;
            }

            etcd.CatchUp(member);
        }

        return new MemberRead(etcd.StatusOf(member).Revision, lastPut is null ? null : etcd.Holds(member, lastPut));
    }

    public IWatchedMember Watched(Uri endpoint) => new SimWatch(world, etcd, Of(endpoint));

    public void Dispose()
    {
        // nothing is open
    }

    private SimMember Of(Uri endpoint) => etcd.Members.First(m => m.Endpoint == endpoint);
}

using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Hosting;

/// <summary>
/// Keeps the change logs of the clusters that this silo serves, if their specs want one: a log moves with its cluster.
/// </summary>
internal sealed class LogFollower(
    ClusterBoard board, ChangeLogs logs, IGrainFactory grains, IEnumerable<IRunListener> listeners, ILogger<LogFollower> logger)
    : LoopService(logger), ILogHost
{
    private long _version = -1;

    protected override TimeSpan Every => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await logs.EndAsync();
    }

    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        var version = board.Version;
        if (version != _version)
        {
            await logs.FollowAsync(
                board.All.Where(f => f.Summary.Spec is not null).Select(f => (f.Summary.Spec!, f.Stored?.LatestAt)), this);
            _version = version;
        }
    }

    async Task<string?> ILogHost.BackUpAsync(ClusterKey cluster)
    {
        var reply = await Grain(cluster).BackupNowAsync();
        return reply.Backup is null ? reply.Outcome.Message ?? "no backup was taken" : null;
    }

    async Task<bool?> ILogHost.VerifyAsync(ClusterKey cluster, BackupName backup) =>
        (await Grain(cluster).VerifyAsync(backup))?.Verification.Sound;

    void ILogHost.Changed(ClusterKey cluster)
    {
        foreach (var listener in listeners)
        {
            listener.Changed(cluster);
        }
    }

    private IBackupGrain Grain(ClusterKey cluster) => grains.GetGrain<IBackupGrain>(cluster.ToString());
}

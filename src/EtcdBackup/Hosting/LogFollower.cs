using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Hosting;

/// <summary>
/// Keeps the change logs of the clusters that this silo serves, if their specs want one: a log moves with its cluster.
/// </summary>
internal sealed class LogFollower(
    ClusterBoard board, ChangeLogs logs, LogServices services, IGrainFactory grains, ILogger<LogFollower> logger) : LoopService(logger)
{
    private readonly Dictionary<ClusterKey, StoredFacts?> _told = [];
    private long _version = -1;

    protected override TimeSpan Every => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(logs.All.Select(EndAsync));
    }

    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        if (board.Version == _version)
        {
            return;
        }

        _version = board.Version;
        var wanted = board.All.Where(f => f.Summary.Spec?.Backup.Log is { Enabled: true }).ToDictionary(f => f.Summary.Key);
        await Task.WhenAll(
            logs.All.Where(l => wanted.GetValueOrDefault(l.Cluster)?.Summary.Spec != l.Spec).ToArray().Select(EndAsync));

        foreach (var (cluster, facts) in wanted)
        {
            if (logs.Find(cluster) is not { } log)
            {
                logs.Add(log = new LogKeeper(facts.Summary.Spec!, services, () => BackUpAsync(cluster)));
            }

            if (_told.GetValueOrDefault(cluster)?.LatestAt != facts.Stored?.LatestAt)
            {
                log.Tell();
            }

            _told[cluster] = facts.Stored;
        }
    }

    private async Task<string?> BackUpAsync(ClusterKey cluster)
    {
        var reply = await grains.GetGrain<IBackupGrain>(cluster.ToString()).BackupNowAsync();
        return reply.Backup is null ? reply.Outcome.Message ?? "no backup was taken" : null;
    }

    private async Task EndAsync(LogKeeper log)
    {
        logs.Remove(log);
        _told.Remove(log.Cluster);
        await log.DisposeAsync();
    }
}

using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.ChangeLog;

/// <content>How a stream begins, or goes on.</content>
internal sealed partial class LogKeeper
{
    private static readonly TimeSpan BackupEvery = TimeSpan.FromSeconds(30);

    private readonly List<AnchorName> _ends = [];
    private DateTimeOffset _backedUp;
    private bool _needsBackup;

    private async Task<LogPosition?> BeginAsync()
    {
        var store = await LogStore.OfAsync(_services.Catalogs, Spec, _end.Token);
        await _spool.LoadAsync(_end.Token);
        await _spool.SendAsync(store, s => LogCameLate(Cluster, s.First, s.Last), _end.Token);
        if (_ends.Count > 0)
        {
            foreach (var end in _ends)
            {
                await store.WriteAsync(end, "{}"u8.ToArray(), _end.Token);
            }

            _ends.Clear();
        }

        if (_needsBackup)
        {
            await BackUpAsync();
        }

        var backups = await ListAsync();
        var latest = BackupOrder.Latest(backups);
        if (BackupOrder.NewestOfUnknownLineage(backups) is { } lost && (latest is null || lost.StoredAt >= latest.StoredAt))
        {
            (_problem, _needsBackup) = (
                $"the metadata of {lost.Name} was lost, so its lineage is unknown: the log begins anew with the next backup", true);
            return null;
        }

        if (latest is { Metadata: { Sha256.Length: > 0 }, Incarnation: > 0 })
        {
            return await _beginning.FindAsync(latest, backups, _end.Token);
        }

        (_problem, _needsBackup) = ("there is no backup yet that it could begin with", true);
        return null;
    }

    // A new stream begins with a backup that has what was not recorded.
    private async Task BackUpAsync()
    {
        var wait = _backedUp + BackupEvery - _services.Time.GetUtcNow();
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _services.Time, _end.Token);
        }

        _backedUp = _services.Time.GetUtcNow();
        _needsBackup = await _host.BackUpAsync(Cluster) is { } why
            ? throw new EtcdUnavailableException($"it needs a backup to begin with, and that failed: {why}") : false;
    }

    [LoggerMessage(Level = LogLevel.Information, Message =
        "{Cluster}: revisions {First} to {Last} of its change log waited on this silo's disk, and are stored now")]
    private partial void LogCameLate(ClusterKey cluster, long first, long last);
}

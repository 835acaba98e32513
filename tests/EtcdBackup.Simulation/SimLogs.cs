using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Scheduling;

namespace EtcdBackup.Simulation;

/// <summary>The change logs of one silo: they follow what it serves.</summary>
internal sealed class SimLogs : ILogHost
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly World _world;
    private readonly SimGrains _grains;
    private readonly SimSilo _silo;

    public SimLogs(Surroundings around, SimGrains grains, SimSilo silo)
    {
        (_world, _grains, _silo) = (around.World, grains, silo);
        var services = silo.Services;
        var comparison = new SimComparison(around.World, around.EtcdOf, services.Catalogs);
        Logs = new ChangeLogs(new LogServices(
            services.Catalogs, services.Connections, new LogProver(services.Catalogs, comparison, new Slots(1), services.Time),
            services.Time, around.World.Random, new TellingLogger<LogKeeper>(m => grains.Directory.Tell($"{silo.Actor.Name}: {m}"))));
        Follow();
    }

    public ChangeLogs Logs { get; }

    private void Follow() => _silo.Actor.Do(() => _grains.GuardAsync(async () =>
    {
        try
        {
            await Logs.FollowAsync(
                _silo.Services.Board.All.Where(f => f.Summary.Spec is not null).Select(f => (f.Summary.Spec!, f.Stored?.LatestAt)),
                this);
        }
        finally
        {
            _world.At(_world.Elapsed + Every, _silo.Actor, Follow);
        }
    }));

    async Task<string?> ILogHost.BackUpAsync(ClusterKey cluster)
    {
        var reply = await CallAsync(cluster, c => c.BackupNowAsync());
        return reply.Backup is null ? reply.Outcome.Message ?? "no backup was taken" : null;
    }

    async Task<bool?> ILogHost.VerifyAsync(ClusterKey cluster, BackupName backup) =>
        (await CallAsync(cluster, c => c.VerifyAsync(backup)))?.Verification.Sound;

    private Task<T> CallAsync<T>(ClusterKey cluster, Func<BackupClock, Task<T>> call) => _grains.CallAsync(cluster, call, Patience, _silo);
}

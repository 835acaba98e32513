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

    private const int SmallRoom = 4096;

    private readonly World _world;
    private readonly SimGrains _grains;
    private readonly SimSilo _silo;

    public SimLogs(Surroundings around, SimGrains grains, SimSilo silo, SimStore disk)
    {
        (_world, _grains, _silo, Disk) = (around.World, grains, silo, disk);
        var services = silo.Services;
        var comparison = new SimComparison(around.World, around.EtcdOf, services.Catalogs);
        Logs = new ChangeLogs(new LogServices(
            services.Catalogs, new SpoolDisk(disk, around.World.Random.Next(3) switch { 0 => 0, 1 => SmallRoom, _ => long.MaxValue / 2 }),
            services.Connections, new LogProver(services.Catalogs, comparison, new Slots(1), services.Time), services.Time,
            around.World.Random, new TellingLogger<LogKeeper>(m => grains.Directory.Tell($"{silo.Actor.Name}: {m}"))));
        Follow();
    }

    public ChangeLogs Logs { get; }

    /// <summary>Where segments wait while their store is away.</summary>
    public SimStore Disk { get; }

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

    void ILogHost.Changed(ClusterKey cluster)
    {
        // nobody asks
    }

    private Task<T> CallAsync<T>(ClusterKey cluster, Func<BackupClock, Task<T>> call) => _grains.CallAsync(cluster, call, Patience, _silo);
}

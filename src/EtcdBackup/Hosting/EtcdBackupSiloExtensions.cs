using System.Text.Json;
using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Etcd;
using EtcdBackup.Grains;
using EtcdBackup.Placement;
using EtcdBackup.Runs;
using EtcdBackup.Scheduling;
using EtcdBackup.Secrets;
using EtcdBackup.Stores;
using EtcdBackup.Upkeep;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace EtcdBackup.Hosting;

/// <summary>Adds the backup grains to a silo.</summary>
public static class EtcdBackupSiloExtensions
{
    /// <summary>
    /// Adds the backup grains to a silo, with all that they need except storage and reminders (see <see cref="GrainStorage.Name"/>):
    /// leftovers are swept, clusters of a dead silo are activated, and running backups may end when the process stops.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static ISiloBuilder AddEtcdBackup(this ISiloBuilder silo, EtcdBackupOptions options)
    {
        options.Validate();
        var services = silo.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options.Timeouts);
        services.AddSingleton(Random.Shared);
        services.AddSingleton(RunSlots.Of(options.MaxChecks, options.MaxConcurrent));
        services.AddSingleton(new RunLimits(options.Timeouts.Silence));
        services.AddSingleton<StopSignal>();
        services.AddPlacementDirector<SpreadPlacement, SpreadDirector>();
        services.AddPlacementDirector<OnItsSiloPlacement, OnItsSiloDirector>();
        services.TryAddSingleton<ISecrets>(new MountedSecrets(options.SecretsDirectory));
        services.AddSingleton<CredentialFiles>();
        services.AddSingleton<IEtcdConnections, EtcdConnections>();
        services.AddSingleton(options.Stores);
        services.AddSingleton(options.Stores.Resources);
        services.AddSingleton(options.AgeFiles);
        services.AddSingleton<StoreProvider>();
        services.AddSingleton<IBackupStores>(p => p.GetRequiredService<StoreProvider>());
        services.AddSingleton(p => new BackupCatalogs(
            p.GetRequiredService<IBackupStores>(),
            p.GetRequiredService<StoreProvider>().Scratch,
            p.GetRequiredService<StoreProvider>().VerifyScratch,
            options.AgeFiles,
            p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<Random>(),
            p.GetRequiredService<ILogger<BackupCatalog>>()));
        services.AddSingleton(options.Scrub);
        services.AddSingleton<IBackupReader, BackupVerifier>();
        services.AddSingleton<ISnapshotTransfer, SnapshotTransfer>();
        services.AddSingleton<ClusterChecker>();
        services.AddSingleton<BackupTaker>();
        services.AddSingleton<HandOff>();
        services.AddSingleton<ClusterBoard>();
        services.AddSingleton<ClockServices>();
        services.AddSingleton<ChangeLogs>();
        services.AddSingleton<LogServices>();
        services.AddSingleton(p => new SpoolDisk(p.GetRequiredService<StoreProvider>().Spool, options.LogSpoolBytes));
        services.AddSingleton(p => new BackupMaker(
            p.GetRequiredService<BackupCatalogs>(), p.GetRequiredService<IEtcdConnections>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ILogComparison, LogComparison>();
        services.AddSingleton(p => new LogProver(
            p.GetRequiredService<BackupCatalogs>(), p.GetRequiredService<ILogComparison>(), new Slots(1),
            p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(options.Removal);
        services.AddSingleton(options);
        services.AddHostedService<Sweeper>();
        services.AddHostedService<GrainWaker>();
        services.AddHostedService<SiloMeter>();
        services.AddHostedService<LogFollower>();
        services.AddHostedService<LogMeter>();
        GentleStop.AddTo(services, options.Grace);

        services.AddEtcdBackupMessages();
        silo.UseSystemTextJsonGrainStorageSerializer();
        silo.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromSeconds(5));
        return silo;
    }

    /// <summary>
    /// Serializes the messages of the grains, in silos and in clients outside them. With JSON, plain records need no attributes of Orleans,
    /// and a newer silo may add fields to them.
    /// </summary>
    public static IServiceCollection AddEtcdBackupMessages(this IServiceCollection services) =>
        services.AddSerializer(s => s.AddJsonSerializer(IsOurs, new JsonSerializerOptions(JsonSerializerDefaults.General)));

    private static bool IsOurs(Type type) =>
        type.Namespace?.StartsWith("EtcdBackup.", StringComparison.Ordinal) is true && !type.IsAssignableTo(typeof(Exception));
}

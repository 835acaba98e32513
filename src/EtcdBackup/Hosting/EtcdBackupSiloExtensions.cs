using System.Text.Json;
using EtcdBackup.Catalog;
using EtcdBackup.Encodings;
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

/// <summary>Limits and places of the backups of one silo.</summary>
public sealed record EtcdBackupOptions
{
    /// <summary>The places on this machine.</summary>
    public required StoreOptions Stores { get; init; }

    /// <summary>
    /// The directory that secrets are mounted in; empty when there is none. Not used where another <see cref="ISecrets"/> is registered.
    /// </summary>
    public string SecretsDirectory { get; init; } = "";

    /// <summary>The keys of encrypted backups.</summary>
    public AgeFiles AgeFiles { get; init; } = new("", "");

    /// <summary>Snapshots at once in this silo.</summary>
    public int MaxConcurrent { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>Clusters asked at once in this silo whether anything changed.</summary>
    public int MaxChecks { get; init; } = 32;

    /// <summary>How often and how fast stored backups are read again.</summary>
    public ScrubOptions Scrub { get; init; } = new(TimeSpan.FromDays(7), 50 * 1024 * 1024);

    /// <summary>How long etcd may take.</summary>
    public EtcdTimeouts Timeouts { get; init; } = new();
}

/// <summary>The library's door.</summary>
public static class EtcdBackupSiloExtensions
{
    /// <summary>
    /// Adds the backup grains and all they need to a silo, but for storage and reminders: see <see cref="Grains.GrainStorage.Name"/>.
    /// </summary>
    public static ISiloBuilder AddEtcdBackup(this ISiloBuilder silo, EtcdBackupOptions options)
    {
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
        services.AddSingleton<ClockServices>();

        services.AddEtcdBackupMessages();
        silo.UseSystemTextJsonGrainStorageSerializer();
        silo.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromSeconds(5));
        return silo;
    }

    /// <summary>
    /// Lets the grains' messages travel: for silos, and for clients outside them. As JSON, plain records need no attributes of Orleans,
    /// and a newer silo may add fields to them.
    /// </summary>
    public static IServiceCollection AddEtcdBackupMessages(this IServiceCollection services) =>
        services.AddSerializer(s => s.AddJsonSerializer(IsOurs, new JsonSerializerOptions(JsonSerializerDefaults.General)));

    private static bool IsOurs(Type type) =>
        type.Namespace?.StartsWith("EtcdBackup.", StringComparison.Ordinal) is true && !type.IsAssignableTo(typeof(Exception));
}

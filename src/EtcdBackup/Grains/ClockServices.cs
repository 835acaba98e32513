using EtcdBackup.Catalog;
using EtcdBackup.Etcd;
using EtcdBackup.Runs;
using EtcdBackup.Scheduling;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Grains;

/// <summary>What the clocks of all clusters of a silo share. The simulation has its own time, etcd, store and random numbers.</summary>
/// <param name="Connections">The connections to etcd.</param>
/// <param name="Checker">The first step of a run.</param>
/// <param name="Taker">The second step.</param>
/// <param name="Catalogs">The stores.</param>
/// <param name="Reader">Reads backups back.</param>
/// <param name="Slots">The slots of this silo.</param>
/// <param name="Scrub">How often backups are read back.</param>
/// <param name="Limits">How long a run may make no progress.</param>
/// <param name="Stop">The end of the process.</param>
/// <param name="Listeners">Called when a cluster's status changed.</param>
/// <param name="Board">Where each cluster's facts are told, for metrics.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">For jitter.</param>
internal sealed record ClockServices(
    IEtcdConnections Connections,
    ClusterChecker Checker,
    BackupTaker Taker,
    BackupCatalogs Catalogs,
    IBackupReader Reader,
    RunSlots Slots,
    ScrubOptions Scrub,
    RunLimits Limits,
    StopSignal Stop,
    IEnumerable<IRunListener> Listeners,
    ClusterBoard Board,
    TimeProvider Time,
    Random Random);

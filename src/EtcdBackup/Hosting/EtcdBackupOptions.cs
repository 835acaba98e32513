using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Etcd;
using EtcdBackup.Scheduling;
using EtcdBackup.Secrets;
using EtcdBackup.Stores;
using EtcdBackup.Upkeep;

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
    public ScrubOptions Scrub { get; init; } = new(Defaults.ScrubInterval, Defaults.ScrubMegabytesPerSecond * 1024 * 1024);

    /// <summary>How long etcd may take.</summary>
    public EtcdTimeouts Timeouts { get; init; } = new();

    /// <summary>Files in scratch that are older are leftovers of dead attempts, and are removed.</summary>
    public TimeSpan SweepAge { get; init; } = Defaults.SweepAge;

    /// <summary>What running backups get to end when the silo stops.</summary>
    public TimeSpan Grace { get; init; } = Defaults.Grace;

    /// <summary>How long a cluster that no source names any more stays registered.</summary>
    public RemovalTimes Removal { get; init; } = RemovalTimes.Default;

    /// <summary>Checks that a silo can run with them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It cannot; the message names the option and what it may be.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConcurrent);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxChecks);
        ArgumentOutOfRangeException.ThrowIfLessThan(Grace, TimeSpan.Zero);
        foreach (var (name, time) in new[]
        {
            (nameof(SweepAge), SweepAge), ("Stores.Silence", Stores.Silence), ("Timeouts.Probe", Timeouts.Probe),
            ("Timeouts.Silence", Timeouts.Silence), ("Removal.Grace", Removal.Grace), ("Removal.BackupsGrace", Removal.BackupsGrace),
        })
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, name);
        }
    }
}

using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Etcd;
using EtcdBackup.Scheduling;
using EtcdBackup.Secrets;
using EtcdBackup.Stores;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Hosting;

/// <summary>Limits and directories of the backups of one silo.</summary>
public sealed record EtcdBackupOptions
{
    /// <summary>The directories on this machine.</summary>
    public required StoreOptions Stores { get; init; }

    /// <summary>
    /// The directory that secrets are mounted in; empty when there is none. Not used where another <see cref="ISecrets"/> is registered.
    /// </summary>
    public string SecretsDirectory { get; init; } = "";

    /// <summary>The keys of encrypted backups.</summary>
    public AgeFiles AgeFiles { get; init; } = new("", "");

    /// <summary>How many snapshots this silo takes at once.</summary>
    public int MaxConcurrent { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>How many clusters this silo checks at once.</summary>
    public int MaxChecks { get; init; } = 32;

    /// <summary>How many clusters have metrics of their own; of more only those that are not well have.</summary>
    public int MaxClusterMetrics { get; init; } = 1000;

    /// <summary>How many bytes of change logs, uncompressed, may wait on this silo's disk while their stores are away.</summary>
    public long LogSpoolBytes { get; init; } = Defaults.LogSpoolMegabytes * 1024L * 1024;

    /// <summary>How often and how fast stored backups are read again.</summary>
    public ScrubOptions Scrub { get; init; } = new(Defaults.ScrubInterval, Defaults.ScrubMegabytesPerSecond * 1024 * 1024);

    /// <summary>How long etcd may take.</summary>
    public EtcdTimeouts Timeouts { get; init; } = new();

    /// <summary>Scratch files that are older are leftovers of failed attempts, and are removed.</summary>
    public TimeSpan SweepAge { get; init; } = Defaults.SweepAge;

    /// <summary>How long running backups may continue when the silo stops.</summary>
    public TimeSpan Grace { get; init; } = Defaults.Grace;

    /// <summary>How long a cluster that no source names stays registered.</summary>
    public RemovalTimes Removal { get; init; } = RemovalTimes.Default;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; the message names it and what is allowed.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConcurrent);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxChecks);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxClusterMetrics);
        ArgumentOutOfRangeException.ThrowIfNegative(LogSpoolBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(Grace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Scrub.Interval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Scrub.BytesPerSecond);
        foreach (var (name, time) in new[]
        {
            (nameof(SweepAge), SweepAge), ("Stores.Silence", Stores.Silence), ("Timeouts.Probe", Timeouts.Probe),
            ("Timeouts.Confirm", Timeouts.Confirm), ("Timeouts.Silence", Timeouts.Silence), ("Removal.Grace", Removal.Grace),
            ("Removal.BackupsGrace", Removal.BackupsGrace),
        })
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, name);
        }
    }
}

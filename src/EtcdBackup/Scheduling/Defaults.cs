namespace EtcdBackup.Scheduling;

/// <summary>Default values, in code and in the configuration.</summary>
public static class Defaults
{
    /// <summary>The time a member has to answer a probe.</summary>
    public static readonly TimeSpan Probe = TimeSpan.FromSeconds(3);

    /// <summary>The silence limit of a snapshot, and of a call to a store or for a secret.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>How often a stored backup is read again.</summary>
    public static readonly TimeSpan ScrubInterval = TimeSpan.FromDays(7);

    /// <summary>The age from which scratch files are leftovers of failed attempts.</summary>
    public static readonly TimeSpan SweepAge = TimeSpan.FromHours(1);

    /// <summary>How long running backups may continue when the silo stops.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(25);

    /// <summary>The highest speed of a scrub in megabytes a second, for each cluster.</summary>
    public const int ScrubMegabytesPerSecond = 50;

    /// <summary>Megabytes of change logs, uncompressed, that may wait on a silo's disk while their stores are away.</summary>
    public const int LogSpoolMegabytes = 1024;
}

namespace EtcdBackup.Scheduling;

/// <summary>What holds where nobody says otherwise: in code, and in the configuration.</summary>
public static class Defaults
{
    /// <summary>The time a member has to answer a probe.</summary>
    public static readonly TimeSpan Probe = TimeSpan.FromSeconds(3);

    /// <summary>The longest time that a snapshot, or a call to a store or for a secret, may bring nothing.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>How often a stored backup is read again.</summary>
    public static readonly TimeSpan ScrubInterval = TimeSpan.FromDays(7);

    /// <summary>The age from which files in scratch are leftovers of dead attempts.</summary>
    public static readonly TimeSpan SweepAge = TimeSpan.FromHours(1);

    /// <summary>The time that running backups get to end when the silo stops.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(25);

    /// <summary>Megabytes a second that reading stored backups again takes at most, for each cluster.</summary>
    public const int ScrubMegabytesPerSecond = 50;
}

using EtcdBackup.Scheduling;

namespace EtcdBackup.Etcd;

/// <summary>How long etcd may take. A snapshot has no limit of its own: only silence ends it.</summary>
public sealed record EtcdTimeouts
{
    /// <summary>For a member to say how it is.</summary>
    public TimeSpan Probe { get; init; } = Defaults.Probe;

    /// <summary>For a linearizable read, and for a login. Default 5 s.</summary>
    public TimeSpan Confirm { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time without a byte of a running snapshot.</summary>
    public TimeSpan Silence { get; init; } = Defaults.Silence;
}

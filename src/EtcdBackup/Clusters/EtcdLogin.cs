namespace EtcdBackup.Clusters;

/// <summary>The login to an etcd with authentication. The user needs the root role: etcd gives snapshots to no other.</summary>
public sealed record EtcdLogin
{
    /// <summary>The user; empty: no login.</summary>
    public string Username { get; init; } = "";

    /// <summary>A file with the password (a final line break is ignored). Read again for each backup.</summary>
    public string PasswordFile { get; init; } = "";
}

using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Configuration;

/// <summary>One etcd cluster.</summary>
internal sealed class ClusterSettings
{
    /// <summary>Its namespace.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Client URLs of its members.</summary>
    public IReadOnlyList<string> Endpoints { get; set; } = [];

    /// <summary>TLS to the members.</summary>
    public TlsFiles Tls { get; set; } = new();

    /// <summary>Login to etcd.</summary>
    public EtcdLogin Auth { get; set; } = new();

    /// <summary>The backup spec; absent: the cluster is not backed up.</summary>
    public BackupSpec? Backup { get; set; }
}

namespace EtcdBackup.Host.Configuration;

/// <summary>The whole configuration; docs/configuration.md is its reference, and a test compares both.</summary>
internal sealed class Settings
{
    /// <summary>The directory of the state and, by default, of the backups.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>The HTTP side.</summary>
    public HttpSettings Http { get; set; } = new();

    /// <summary>The silo.</summary>
    public OrleansSettings Orleans { get; set; } = new();

    /// <summary>Limits of taking backups.</summary>
    public BackupsSettings Backups { get; set; } = new();

    /// <summary>Metrics and traces.</summary>
    public MetricsSettings Metrics { get; set; } = new();

    /// <summary>What happens to clusters that no source names any more.</summary>
    public RemovalSettings Removal { get; set; } = new();

    /// <summary>Clusters that resources of Kubernetes ask for.</summary>
    public KubernetesSourceSettings Kubernetes { get; set; } = new();

    /// <summary>Who is told when something is wrong.</summary>
    public NotificationsSettings Notifications { get; set; } = new();

    /// <summary>The etcd clusters to back up.</summary>
    public IReadOnlyList<ClusterSettings> Clusters { get; set; } = [];
}

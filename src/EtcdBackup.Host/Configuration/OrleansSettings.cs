namespace EtcdBackup.Host.Configuration;

/// <summary>The silo.</summary>
internal sealed class OrleansSettings
{
    /// <summary>How silos find each other.</summary>
    public ClusteringKind Clustering { get; set; }

    /// <summary>Where grain state and reminders are stored.</summary>
    public StorageKind Storage { get; set; }

    /// <summary>Serve the Orleans dashboard at /dashboard.</summary>
    public bool Dashboard { get; set; } = true;

    /// <summary>Silos with the same name form one Orleans cluster.</summary>
    public string ClusterId { get; set; } = "etcdbackup";

    /// <summary>
    /// The address that other silos reach this one at; empty: loopback for <see cref="ClusteringKind.Localhost"/>, else the machine's own.
    /// </summary>
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>TLS between silos.</summary>
    public SiloTlsSettings Tls { get; set; } = new();

    /// <summary>Whether many silos may do without TLS: then whoever reaches the silo port may do everything.</summary>
    public bool AllowPlainText { get; set; }

    /// <summary>Redis, if it is used.</summary>
    public ServerSettings Redis { get; set; } = new();

    /// <summary>PostgreSQL, if it is used.</summary>
    public ServerSettings PostgreSQL { get; set; } = new();

    /// <summary>The Kubernetes API, if it is used.</summary>
    public KubernetesSettings Kubernetes { get; set; } = new();

    /// <summary>Port for other silos; 0: any free one.</summary>
    public int SiloPort { get; set; }

    /// <summary>Port for Orleans clients; 0: any free one.</summary>
    public int GatewayPort { get; set; }
}

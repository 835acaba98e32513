namespace EtcdBackup.Clusters;

/// <summary>
/// Files (PEM) for TLS to etcd. They are read again for each backup, so a renewed certificate needs no restart. Empty means absent.
/// </summary>
public sealed record TlsFiles
{
    /// <summary>Certificates of the authorities to trust; empty: the machine's own.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>Our client certificate.</summary>
    public string CertFile { get; init; } = "";

    /// <summary>The key of <see cref="CertFile"/>.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>The name to expect in the members' certificates, if it is not the endpoint's host.</summary>
    public string ServerName { get; init; } = "";
}

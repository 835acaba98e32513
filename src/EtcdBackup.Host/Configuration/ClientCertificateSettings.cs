namespace EtcdBackup.Host.Configuration;

/// <summary>Client certificates that log in.</summary>
internal sealed class ClientCertificateSettings
{
    /// <summary>Certificates (PEM) of the authorities that issue them, read again when the file changes; empty: none log in.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>What their owners may do.</summary>
    public IReadOnlyList<GrantRuleSettings> Grants { get; set; } = [];
}

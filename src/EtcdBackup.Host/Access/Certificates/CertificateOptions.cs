namespace EtcdBackup.Host.Access.Certificates;

/// <summary>Which client certificates log in, and what their owners may do.</summary>
/// <param name="CaFile">The authorities (PEM) that issue them; empty: none log in.</param>
/// <param name="Rules">What the owners may do.</param>
internal sealed record CertificateOptions(string CaFile, IReadOnlyList<GrantRule> Rules)
{
    /// <summary>Whether clients are asked for a certificate.</summary>
    public bool IsUsed => CaFile != "";
}

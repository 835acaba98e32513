using EtcdBackup.Host.Access.Certificates;
using EtcdBackup.Host.Access.Jwt;

namespace EtcdBackup.Host.Access;

/// <summary>Who may call.</summary>
/// <param name="TokenFile">The file of tokens; empty: there is none.</param>
/// <param name="Issuers">Whose tokens log in.</param>
/// <param name="Certificates">Which client certificates log in.</param>
/// <param name="Anonymous">What callers without a login may do.</param>
internal sealed record AccessOptions(
    string TokenFile, IReadOnlyList<JwtIssuer> Issuers, CertificateOptions Certificates, IReadOnlyList<Grant> Anonymous)
{
    /// <summary>Whether there is a way to log in.</summary>
    public bool HasLogin => TokenFile != "" || Issuers.Count > 0 || Certificates.IsUsed;
}

using EtcdBackup.Host.Access.Certificates;
using EtcdBackup.Host.Access.Jwt;

namespace EtcdBackup.Host.Access;

/// <summary>
/// Which way a request logs in. What it shows decides, and that way alone is tried: if it fails, the request is refused, whatever another
/// way would have said.
/// </summary>
internal static class LoginChoice
{
    /// <summary>Chooses.</summary>
    /// <param name="access">Which ways there are.</param>
    /// <param name="authorization">The request's header; empty: it has none.</param>
    /// <param name="hasCertificate">Whether a client certificate was shown.</param>
    /// <returns>The scheme; null: the caller is anonymous.</returns>
    public static string? Of(AccessOptions access, string authorization, bool hasCertificate) => authorization switch
    {
        _ when !access.HasLogin => null,
        "" => hasCertificate && access.Certificates.IsUsed ? CertificateScheme.Name : null,
        _ => IssuerOf(access, TokenScheme.BearerIn(authorization))?.Scheme ?? TokenScheme.Name,
    };

    private static JwtIssuer? IssuerOf(AccessOptions access, string? token) =>
        access.Issuers.Count > 0 && token is not null && JwtSetup.IssuerIn(token) is { } said
            ? access.Issuers.FirstOrDefault(i => i.Issuer == said) : null;
}

using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.Host.Access.Certificates;

/// <summary>
/// The intermediates that came with a client's certificate. Only the TLS handshake sees them; to a request ASP.NET shows the certificate
/// alone, the very object of the handshake.
/// </summary>
internal sealed class ShownChains
{
    private readonly ConditionalWeakTable<X509Certificate2, X509Certificate2Collection> _chains = [];

    /// <summary>Remembers those of a handshake, for as long as its connection lasts.</summary>
    public void Remember(X509Certificate2 certificate, X509Chain? chain)
    {
        // Copies: the handshake disposes of its own.
        var copies = (chain?.ChainPolicy.ExtraStore ?? []).Select(c => X509CertificateLoader.LoadCertificate(c.RawDataMemory.Span));
        _chains.AddOrUpdate(certificate, [.. copies]);
    }

    /// <summary>Those that came with a certificate.</summary>
    public X509Certificate2Collection Of(X509Certificate2 certificate) =>
        _chains.TryGetValue(certificate, out var chain) ? chain : [];
}

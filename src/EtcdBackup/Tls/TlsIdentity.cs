using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.Tls;

/// <summary>The certificate that one side of a connection shows, with its intermediates and its key.</summary>
public static class TlsIdentity
{
    private const string Ed25519 = "1.3.101.112";

    /// <summary>Reads PEM.</summary>
    /// <exception cref="TlsFaultException">They cannot be used.</exception>
    public static SslStreamCertificateContext Parse(IdentityFiles files)
    {
        var ((certificatesName, certificates), (keyName, key)) = files;
        X509Certificate2Collection all = [];
        Use(certificatesName, () => all.ImportFromPem(certificates));
        if (all.Count == 0)
        {
            throw new TlsFaultException($"{certificatesName} cannot be used: it holds no certificate; it must be PEM");
        }

        if (IsEncrypted(key))
        {
            throw new TlsFaultException(
                $"{keyName} cannot be used: it is encrypted, and the service is given no password for it; write it without one, e.g. " +
                "with 'openssl pkey'");
        }

        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new TlsFaultException($"{keyName} cannot be used: it holds no private key; it must be PEM");
        }

        if (all[0].PublicKey.Oid.Value == Ed25519)
        {
            throw new TlsFaultException(
                $"{certificatesName} cannot be used: its key is Ed25519, which .NET cannot sign with; issue one with an ECDSA or RSA key");
        }

        X509Certificate2? own = null;
        Use($"{certificatesName} with {keyName}", () => own = X509Certificate2.CreateFromPem(certificates, key));
        return SslStreamCertificateContext.Create(own!, [.. all.Skip(1)], offline: true);
    }

    /// <summary>Why nobody would trust it at this time, as a sentence; null if its time is right.</summary>
    public static string? FaultOf(SslStreamCertificateContext identity, DateTimeOffset now)
    {
        var own = identity.TargetCertificate;
        return own.NotAfter < now.LocalDateTime ? $"the certificate '{own.Subject}' expired at {own.NotAfter.ToUniversalTime():u}"
            : own.NotBefore > now.LocalDateTime ? $"the certificate '{own.Subject}' is valid from {own.NotBefore.ToUniversalTime():u} on"
            : null;
    }

    private static bool IsEncrypted(string key) =>
        key.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) ||
        key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal);

    private static void Use(string what, Action use)
    {
        try
        {
            use();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new TlsFaultException($"{what} cannot be used: {e.Message}", e);
        }
    }
}

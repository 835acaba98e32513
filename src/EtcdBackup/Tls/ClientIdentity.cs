using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.Tls;

/// <summary>The certificate that a client, or one of two equals, shows, with its intermediates and its key.</summary>
internal static class ClientIdentity
{
    private const string Ed25519 = "1.3.101.112";

    /// <summary>Reads PEM.</summary>
    /// <param name="certificates">The client's certificate first, then the intermediates, as cert-manager writes <c>tls.crt</c>.</param>
    /// <param name="certificatesName">Where they come from, for messages.</param>
    /// <param name="key">The key, not encrypted.</param>
    /// <param name="keyName">Where it comes from.</param>
    /// <exception cref="TlsFaultException">They cannot be used.</exception>
    public static SslStreamCertificateContext Parse(string certificates, string certificatesName, string key, string keyName)
    {
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

        X509Certificate2? client = null;
        Use($"{certificatesName} with {keyName}", () => client = X509Certificate2.CreateFromPem(certificates, key));
        return SslStreamCertificateContext.Create(client!, [.. all.Skip(1)], offline: true);
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

using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdBackup.Tls.Ed25519;

namespace EtcdBackup.Tls;

/// <summary>The certificate that one side of a connection shows, with its intermediates and its key.</summary>
public static class TlsIdentity
{
    // RFC 5280, 4.2.1.12: for servers, and for anything.
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string AnyUsage = "2.5.29.37.0";

    /// <summary>Reads PEM.</summary>
    /// <exception cref="TlsFaultException">They cannot be used.</exception>
    public static SslStreamCertificateContext Parse(IdentityFiles files)
    {
        var all = Read(files);
        if (Ed25519Identity.Is(all[0]))
        {
            throw new TlsFaultException(
                $"{files.Certificate} cannot be used: its key is Ed25519, which .NET cannot sign with; issue one with an ECDSA or RSA key");
        }

        var own = Use(
            $"{files.Certificate} with {files.Key}", () => X509Certificate2.CreateFromPem(files.Certificate.Text, files.Key.Text));
        return SslStreamCertificateContext.Create(own, [.. all.Skip(1)], offline: true);
    }

    /// <summary>Reads the certificates, and sees that there is a key.</summary>
    /// <exception cref="TlsFaultException">They cannot be used.</exception>
    internal static X509Certificate2Collection Read(IdentityFiles files)
    {
        X509Certificate2Collection all = [];
        Use(
            $"{files.Certificate}",
            () =>
            {
                all.ImportFromPem(files.Certificate.Text);
                return all;
            });
        if (all.Count == 0)
        {
            throw new TlsFaultException($"{files.Certificate} cannot be used: it holds no certificate; it must be PEM");
        }

        if (IsEncrypted(files.Key.Text))
        {
            throw new TlsFaultException(
                $"{files.Key} cannot be used: it is encrypted, and the service is given no password for it; write it without one, e.g. " +
                "with 'openssl pkey'");
        }

        return files.Key.Text.Contains("PRIVATE KEY-----", StringComparison.Ordinal) ? all
            : throw new TlsFaultException($"{files.Key} cannot be used: it holds no private key; it must be PEM");
    }

    /// <summary>Why no client would trust this server at this time, as a sentence; null if its time and usage are right.</summary>
    public static string? FaultOf(SslStreamCertificateContext identity, DateTimeOffset now)
    {
        var own = identity.TargetCertificate;
        var usages = own.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(
            e => e.EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value));
        var fault = Authorities.FaultOfTimes(own, now) ??
            (usages.Any() && !usages.Any(u => u is ServerUsage or AnyUsage) ? "is not for servers (extended key usage)" : null);
        return fault is null ? null : $"the certificate '{own.Subject}' {fault}";
    }

    private static bool IsEncrypted(string key) =>
        key.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) ||
        key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal);

    /// <summary>Uses what a file holds.</summary>
    /// <exception cref="TlsFaultException">It cannot be used.</exception>
    internal static T Use<T>(string what, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException)
        {
            throw new TlsFaultException($"{what} cannot be used: {e.Message}", e);
        }
    }
}

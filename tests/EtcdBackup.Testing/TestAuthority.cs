using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.Testing;

/// <summary>An authority of tests, and the certificates that it issues, as PEM.</summary>
public sealed class TestAuthority : IDisposable
{
    /// <summary>Extended key usage of servers.</summary>
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1";

    /// <summary>Extended key usage of clients.</summary>
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    /// <summary>Makes a root, or an intermediate of another.</summary>
    /// <param name="name">The common name.</param>
    /// <param name="issuer">Who issues it; null: it itself.</param>
    /// <param name="forged">A root whose serial number, name and time this one copies.</param>
    public TestAuthority(string name, TestAuthority? issuer = null, TestAuthority? forged = null)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(9));
        _certificate = forged is { _certificate: var copied }
            ? request.Create(copied.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), copied.NotBefore, copied.NotAfter,
                copied.SerialNumberBytes.Span)
            : issuer is null ? request.CreateSelfSigned(from, until)
            : request.Create(issuer._certificate, from.AddHours(1), until.AddHours(-1), RandomNumberGenerator.GetBytes(8));
    }

    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>Issues a certificate for the loopback address and a DNS name.</summary>
    /// <param name="name">The common name.</param>
    /// <param name="dnsName">The DNS name.</param>
    /// <param name="key">The key's kind: <c>ECDSA</c>, <c>RSA</c> or <c>Ed25519</c>.</param>
    /// <param name="hours">From when until when it is valid, in hours from now.</param>
    /// <param name="usages">The extended key usages.</param>
    /// <param name="hasAddress">Whether it is for the loopback address too.</param>
    /// <param name="uri">A URI that it is for too.</param>
    public (string Certificate, string Key) Issue(
        string name, string dnsName, string key = "ECDSA", (int From, int Until)? hours = null, IReadOnlyList<string>? usages = null,
            bool hasAddress = true, string? uri = null)
    {
        var (from, until) = hours ?? (-1, 12);
        var (request, pem) = Request(name, key);
        var names = new SubjectAlternativeNameBuilder();
        if (hasAddress)
        {
            names.AddIpAddress(IPAddress.Loopback);
        }

        names.AddDnsName(dnsName);
        if (uri is not null)
        {
            names.AddUri(new Uri(uri));
        }

        request.CertificateExtensions.Add(names.Build());
        OidCollection allowed = [];
        foreach (var usage in usages ?? [ServerUsage, ClientUsage])
        {
            allowed.Add(new Oid(usage));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(allowed, false));
        using var certificate = request.Create(
            _certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), DateTimeOffset.UtcNow.AddHours(from),
            DateTimeOffset.UtcNow.AddHours(until), RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem(), pem);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static (CertificateRequest Request, string KeyPem) Request(string name, string kind)
    {
        switch (kind)
        {
            case "ECDSA":
                using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return (new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256), key.ExportPkcs8PrivateKeyPem());
                }

            case "RSA":
                using (var key = RSA.Create(2048))
                {
                    return (new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                        key.ExportRSAPrivateKeyPem());
                }

            default:
                // .NET has no such keys.
                var pem = ChildProcess.RunAsync("openssl", "genpkey", "-algorithm", kind).GetAwaiter().GetResult();
                using (var directory = new ScratchDirectory())
                {
                    File.WriteAllText(directory["key"], pem);
                    string[] toPublic = ["pkey", "-in", directory["key"], "-pubout", "-outform", "DER", "-out", directory["pub"]];
                    ChildProcess.RunAsync("openssl", toPublic).GetAwaiter().GetResult();
                    var key = PublicKey.CreateFromSubjectPublicKeyInfo(File.ReadAllBytes(directory["pub"]), out _);
                    return (new CertificateRequest(new X500DistinguishedName($"CN={name}"), key, HashAlgorithmName.SHA256), pem);
                }
        }
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.Testing;

/// <summary>An authority with a server and a client certificate, in files.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    private readonly string _serverName;

    /// <summary>Makes them.</summary>
    /// <param name="serverName">A DNS name in the certificates, besides the loopback address.</param>
    public TestCertificates(string serverName = "etcd.test")
    {
        _serverName = serverName;
        var request = new CertificateRequest("CN=test authority", _authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
        Issue("server", ServerCert, ServerKey);
        Issue("root", ClientCert, ClientKey);
    }

    public string CaFile => _directory["ca.pem"];

    public string ClientCert => _directory["client.pem"];

    public string ClientKey => _directory["client-key.pem"];

    public IReadOnlyList<string> ServerArguments =>
        ["--cert-file", ServerCert, "--key-file", ServerKey, "--trusted-ca-file", CaFile, "--client-cert-auth"];

    public IReadOnlyList<string> ClientArguments => ["--cacert", CaFile, "--cert", ClientCert, "--key", ClientKey];

    public string ServerCert => _directory["server.pem"];

    public string ServerKey => _directory["server-key.pem"];

    /// <summary>Writes a fresh certificate and key of this authority.</summary>
    public void Issue(string name, string certFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName(_serverName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var certificate = request.Create(
            _authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certFile, certificate.ExportCertificatePem());
    }

    public void Dispose()
    {
        _authority.Dispose();
        _authorityKey.Dispose();
        _directory.Dispose();
    }
}

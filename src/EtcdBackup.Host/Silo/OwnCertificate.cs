using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdBackup.Tls;

namespace EtcdBackup.Host.Silo;

/// <summary>
/// A certificate of one process, which trusts it alone. A single silo listens on its ports like any other, and other users of its machine
/// could call every grain there without a login: so nobody can.
/// </summary>
internal static class OwnCertificate
{
    // Longer than a process lives.
    private const int Years = 100;

    /// <summary>Makes one, with a key that no file has.</summary>
    public static MutualTlsFiles Create(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=this process alone", key, HashAlgorithmName.SHA256);
        var begins = time.GetUtcNow().AddDays(-1);
        using var certificate = request.CreateSelfSigned(begins, begins.AddYears(Years));
        var pem = new PemText("the silo's own certificate", certificate.ExportCertificatePem());
        return new MutualTlsFiles(new IdentityFiles(pem, new PemText("its key", key.ExportPkcs8PrivateKeyPem())), pem);
    }
}

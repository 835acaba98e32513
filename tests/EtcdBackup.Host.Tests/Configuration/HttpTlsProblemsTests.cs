using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Configuration;

public sealed class HttpTlsProblemsTests : IDisposable
{
    private const string Https = "https://127.0.0.1:1";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public void Https_and_its_files_belong_together()
    {
        Assert.Empty(Of("http://127.0.0.1:1"));
        Assert.Empty(Of("http://127.0.0.1:1;" + Https, _certificates.ServerCert, _certificates.ServerKey));
        Assert.Equal($"Http:Urls is '{Https}', and there is no certificate: set Http:Tls:CertFile and KeyFile", Assert.Single(Of(Https)));
        Assert.StartsWith("Http:Tls is set, and Http:Urls is 'http://127.0.0.1:1', without TLS",
            Assert.Single(Of("http://127.0.0.1:1", _certificates.ServerCert, _certificates.ServerKey)), StringComparison.Ordinal);
        Assert.Equal("Http:Tls:KeyFile is empty: CertFile and KeyFile belong together",
            Assert.Single(Of(Https, _certificates.ServerCert)));
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_named()
    {
        Assert.StartsWith($"Http:Tls:KeyFile '{_certificates.CaFile}' cannot be used: it holds no private key",
            Assert.Single(Of(Https, _certificates.ServerCert, _certificates.CaFile)), StringComparison.Ordinal);
        Assert.StartsWith("Http:Tls:CertFile '/nowhere' cannot be read",
            Assert.Single(Of(Https, "/nowhere", _certificates.ServerKey)), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Of(string urls, string cert = "", string key = "") =>
        HttpTlsProblems.Of(new HttpSettings { Urls = urls, Tls = new HttpTlsSettings { CertFile = cert, KeyFile = key } });
}

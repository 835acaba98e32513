using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdBackup.Tls;

namespace EtcdBackup.Tests.Tls;

/// <summary>What somebody on the line could send.</summary>
public sealed class AuthoritiesTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _forgersKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    // .NET calls certificates equal that have the same issuer and number, whoever signed them.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_forged_authority_of_the_same_name_and_number_is_not_trusted(bool hasKeyIds)
    {
        using var authority = Authority(_key, hasKeyIds);
        using var forged = Authority(_forgersKey, hasKeyIds);
        Assert.Equal(authority, forged);
        using var sound = Server(authority, _key, hasKeyIds);
        using var leaf = Server(forged, _forgersKey, hasKeyIds);
        var authorities = Authorities.Parse(authority.ExportCertificatePem(), "the file");
        Assert.Null(authorities.FaultOf(sound, [], "etcd.test", Now));
        Assert.NotNull(authorities.FaultOf(leaf, [], "etcd.test", Now));
        Assert.NotNull(authorities.FaultOf(leaf, [forged], "etcd.test", Now));
    }

    [Fact]
    public void A_forged_server_certificate_of_the_same_name_and_number_is_not_the_trusted_one()
    {
        using var authority = Authority(_key, hasKeyIds: false);
        using var forgedAuthority = Authority(_forgersKey, hasKeyIds: false);
        using var server = Server(authority, _key, hasKeyIds: false);
        using var forged = Server(forgedAuthority, _forgersKey, hasKeyIds: false);
        var authorities = Authorities.Parse(server.ExportCertificatePem(), "the file");
        Assert.Null(authorities.FaultOf(server, [], "etcd.test", Now));
        Assert.NotNull(authorities.FaultOf(forged, [forgedAuthority], "etcd.test", Now));
    }

    [Fact]
    public void A_server_certificate_issues_no_others()
    {
        using var authority = Authority(_key, hasKeyIds: false);
        using var between = Server(authority, _key, hasKeyIds: false, subjectsKey: _forgersKey);
        using var leaf = Server(between, _forgersKey, hasKeyIds: false);
        var authorities = Authorities.Parse(authority.ExportCertificatePem(), "the file");
        Assert.NotNull(authorities.FaultOf(leaf, [between], "etcd.test", Now));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_client_is_judged_by_the_same_authorities_whomever_it_is_for(bool hasKeyIds)
    {
        using var authority = Authority(_key, hasKeyIds);
        using var forged = Authority(_forgersKey, hasKeyIds);
        using var sound = Server(authority, _key, hasKeyIds);
        using var leaf = Server(forged, _forgersKey, hasKeyIds);
        var authorities = Authorities.Parse(authority.ExportCertificatePem(), "the file");
        Assert.Null(authorities.FaultOfClient(sound, [], Now));
        Assert.NotNull(authorities.FaultOfClient(leaf, [], Now));
        Assert.NotNull(authorities.FaultOfClient(leaf, [forged], Now));
        Assert.StartsWith("expired at ", authorities.FaultOfClient(sound, [], Now.AddDays(3)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.1", "may not be used by a client: its extended key usage does not allow it")]
    [InlineData("1.3.6.1.5.5.7.3.2", null)]
    [InlineData(null, null)]
    public void A_client_s_certificate_is_for_client_use_if_it_says_for_which(string? usage, string? fault)
    {
        using var authority = Authority(_key, hasKeyIds: false);
        using var leaf = Server(authority, _key, hasKeyIds: false, usage: usage);
        var authorities = Authorities.Parse(authority.ExportCertificatePem(), "the file");
        Assert.Equal(fault, authorities.FaultOfClient(leaf, [], Now));
        Assert.Equal(usage == "1.3.6.1.5.5.7.3.2" ? "may not be used by a server: its extended key usage does not allow it" : null,
            authorities.FaultOf(leaf, [], "etcd.test", Now));
    }

    public void Dispose()
    {
        _key.Dispose();
        _forgersKey.Dispose();
    }

    private static X509Certificate2 Authority(ECDsa key, bool hasKeyIds)
    {
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (hasKeyIds)
        {
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        }

        return request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), Now.AddDays(-2), Now.AddDays(2), [1, 2, 3, 4]);
    }

    private static X509Certificate2 Server(
        X509Certificate2 issuer, ECDsa key, bool hasKeyIds, ECDsa? subjectsKey = null, string? usage = null)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", subjectsKey ?? own, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("etcd.test");
        request.CertificateExtensions.Add(names.Build());
        if (usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        }

        if (hasKeyIds)
        {
            request.CertificateExtensions.Add(
                X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        }

        return request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key), Now.AddDays(-1), Now.AddDays(1), [5, 6, 7, 8]);
    }
}

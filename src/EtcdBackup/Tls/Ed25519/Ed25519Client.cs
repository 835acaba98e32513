using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using CertificateRequest = Org.BouncyCastle.Tls.CertificateRequest;

namespace EtcdBackup.Tls.Ed25519;

/// <summary>The client's side of one TLS connection that shows an Ed25519 certificate.</summary>
/// <param name="identity">What it shows.</param>
/// <param name="name">The name that is sent (SNI), unless it is an address.</param>
/// <param name="faultOf">Judges the server's certificate, given what came with it; null if it is trusted.</param>
internal sealed class Ed25519Client(
    Ed25519Identity identity, string name, Func<X509Certificate2, X509Certificate2Collection, string?> faultOf)
    : DefaultTlsClient(new BcTlsCrypto(new SecureRandom())), TlsAuthentication
{
    /// <summary>What is wrong with the server's certificate, as the end of a sentence; null if it was not refused.</summary>
    public string? Fault { get; private set; }

    /// <inheritdoc/>
    public override TlsAuthentication GetAuthentication() => this;

    /// <inheritdoc/>
    public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
    {
        X509Certificate2Collection shown =
            [.. serverCertificate.Certificate.GetCertificateList().Select(c => X509CertificateLoader.LoadCertificate(c.GetEncoded()))];
        Fault = shown.Count == 0 ? "is missing" : faultOf(shown[0], [.. shown.Skip(1)]);
        if (Fault is not null)
        {
            throw new TlsFatalAlert(AlertDescription.bad_certificate, Fault);
        }
    }

    /// <inheritdoc/>
    public TlsCredentials GetClientCredentials(CertificateRequest certificateRequest)
    {
        var crypto = (BcTlsCrypto)m_context.Crypto;
        TlsCertificate[] chain = [.. identity.Certificates.Select(c => new BcTlsCertificate(crypto, c))];
        var certificate = TlsUtilities.IsTlsV13(m_context)
            ? new Certificate(certificateRequest.GetCertificateRequestContext(), [.. chain.Select(c => new CertificateEntry(c, null))])
            : new Certificate(chain);
        return new BcDefaultTlsCredentialedSigner(
            new TlsCryptoParameters(m_context), crypto, identity.Key, certificate, SignatureAndHashAlgorithm.ed25519);
    }

    /// <inheritdoc/>
    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        if (!ProtocolName.Http_2_Tls.Equals(m_context.SecurityParameters.ApplicationProtocol))
        {
            throw new TlsFatalAlert(AlertDescription.no_application_protocol, "it does not offer HTTP/2 (ALPN)");
        }
    }

    // What HTTP/2 allows (RFC 9113, 9.2.2), in .NET's order.
    /// <inheritdoc/>
    protected override int[] GetSupportedCipherSuites() =>
    [
        CipherSuite.TLS_AES_256_GCM_SHA384,
        CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        CipherSuite.TLS_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    /// <inheritdoc/>
    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.DownTo(ProtocolVersion.TLSv12);

    /// <inheritdoc/>
    protected override IList<ProtocolName> GetProtocolNames() => [ProtocolName.Http_2_Tls];

    /// <inheritdoc/>
    protected override IList<ServerName>? GetSniServerNames() =>
        IPAddress.TryParse(name, out _) ? null : [new ServerName(NameType.host_name, Encoding.ASCII.GetBytes(name))];
}

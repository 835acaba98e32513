using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.Host.Access.Certificates;

/// <summary>What a certificate says of its owner.</summary>
internal static class CertificateClaims
{
    /// <summary>The common name of the subject.</summary>
    public const string CommonName = "CN";

    /// <summary>A DNS name among the subject alternative names.</summary>
    public const string DnsName = "DNS";

    /// <summary>The first URI among them, such as a SPIFFE ID, of which there is no second.</summary>
    public const string Uri = "URI";

    private const string CommonNameOid = "2.5.4.3";

    /// <summary>All that rules may ask for.</summary>
    public static readonly IReadOnlyList<string> Known = [CommonName, DnsName, Uri];

    /// <summary>Reads a certificate.</summary>
    public static IReadOnlyList<Claim> Of(X509Certificate2 certificate) =>
    [
        .. certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(n => !n.HasMultipleElements && n.GetSingleElementType().Value == CommonNameOid)
            .Select(n => new Claim(CommonName, n.GetSingleElementValue() ?? "")),
        .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames())
            .Select(n => new Claim(DnsName, n)),
        .. new[] { certificate.GetNameInfo(X509NameType.UrlName, forIssuer: false) }.Where(u => u != "").Select(u => new Claim(Uri, u)),
    ];
}

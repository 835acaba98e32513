using System.Net;
using System.Security.Cryptography.X509Certificates;
using EtcdBackup.Tls;

namespace EtcdBackup.Host.Access.Certificates;

/// <summary>Makes a caller of a client certificate, if an authority of the file issued it.</summary>
internal sealed partial class CertificateLogin(
    AccessOptions access, ShownChains chains, TimeProvider time, ILogger<CertificateLogin> logger)
{
    private const string Setting = "Http:ClientCertificates:CaFile";

    private readonly FollowedFile<Authorities> _authorities =
        new(Setting, access.Certificates.CaFile, pem => Authorities.Parse(pem, Setting), logger);

    /// <summary>The owner of a certificate; null if it is not trusted, and the log tells why.</summary>
    public async ValueTask<Caller?> FindAsync(X509Certificate2 shown, IPAddress? address, CancellationToken cancellationToken)
    {
        var trusted = await _authorities.ReadAsync(cancellationToken);
        var fault = trusted is null ? $"cannot be judged without {Setting}"
            : trusted.FaultOfClient(shown, chains.Of(shown), time.GetUtcNow());
        if (fault is not null)
        {
            LogRefused(Caller.InOneLine(shown.Subject), Caller.InOneLine(fault), address?.ToString());
            return null;
        }

        var claims = CertificateClaims.Of(shown);
        var name = claims.Count > 0 ? claims[0].Value : shown.Subject;
        return Caller.Named(name, GrantRule.GrantsOf(access.Certificates.Rules, claims));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused the client certificate '{Subject}': it {Why} (from {Address})")]
    private partial void LogRefused(string subject, string why, string? address);
}

using EtcdBackup.Host.Tls;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EtcdBackup.Host.Access.Certificates;

/// <summary>Login by client certificates.</summary>
internal static class CertificateSetup
{
    /// <summary>Adds the login.</summary>
    public static void AddCertificates(this AuthenticationBuilder login, CertificateOptions options)
    {
        if (!options.IsUsed)
        {
            return;
        }

        login.AddScheme<AuthenticationSchemeOptions, CertificateScheme>(CertificateScheme.Name, null);
        login.Services.AddSingleton<CertificateLogin>();
        login.Services.AddSingleton<ShownChains>();
        login.Services.AddOptions<HttpsConnectionAdapterOptions>().Configure<ShownChains>(AskForCertificates);
    }

    // Every certificate passes the handshake: only an HTTP answer can say in words why it is refused.
    private static void AskForCertificates(HttpsConnectionAdapterOptions https, ShownChains chains)
    {
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.ClientCertificateValidation = (certificate, chain, _) =>
        {
            chains.Remember(certificate, chain);
            return true;
        };
        // The intermediates are not sent again with a resumed session, nor kept in it.
        https.OnEach(tls => tls.AllowTlsResume = false);
    }
}

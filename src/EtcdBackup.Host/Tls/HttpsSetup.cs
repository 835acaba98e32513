using System.Net.Security;
using EtcdBackup.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace EtcdBackup.Host.Tls;

/// <summary>
/// TLS for callers. Kestrel would read its certificate once and for good, and send no intermediates with one that it is given.
/// </summary>
internal static class HttpsSetup
{
    /// <summary>Adds the certificate, and has Kestrel use all that is configured for HTTPS.</summary>
    /// <param name="services">The services.</param>
    /// <param name="read">Reads the certificate and its key; null if there is none.</param>
    public static void AddHttps(this IServiceCollection services, Func<IdentityFiles>? read)
    {
        services.AddSingleton<IMemoryPoolFactory<byte>, RecordPool>();
        if (read is not null)
        {
            services.AddRenewed("of callers", read, TlsIdentity.Parse, c => TlsIdentity.FaultOf(c, TimeProvider.System.GetUtcNow()));
            services.AddOptions<HttpsConnectionAdapterOptions>()
                .Configure<Renewed<IdentityFiles, SslStreamCertificateContext>>(Show);
        }

        // Kestrel takes one function for all connections, and forgets the one before.
        services.AddOptions<KestrelServerOptions>().Configure<IEnumerable<IConfigureOptions<HttpsConnectionAdapterOptions>>>(
            (k, all) => k.ConfigureHttpsDefaults(https =>
            {
                foreach (var one in all)
                {
                    one.Configure(https);
                }
            }));
    }

    /// <summary>Adds something to do with the options of each connection.</summary>
    public static void OnEach(this HttpsConnectionAdapterOptions https, Action<SslServerAuthenticationOptions> use)
    {
        Action<ConnectionContext, SslServerAuthenticationOptions>? before = https.OnAuthenticate;
        https.OnAuthenticate = (connection, options) =>
        {
            before?.Invoke(connection, options);
            use(options);
        };
    }

    private static void Show(HttpsConnectionAdapterOptions https, Renewed<IdentityFiles, SslStreamCertificateContext> identity)
    {
        https.ServerCertificateSelector = (_, _) => identity.Current.TargetCertificate;
        https.OnEach(options =>
        {
            options.ServerCertificateSelectionCallback = null;
            options.ServerCertificateContext = identity.Current;
        });
    }
}

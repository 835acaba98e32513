using System.Net.Security;
using EtcdBackup.Host.Tls;
using EtcdBackup.Tls;
using Microsoft.AspNetCore.Connections;
using Orleans.Connections.Security;

namespace EtcdBackup.Host.Silo;

/// <summary>
/// TLS for the connections of a silo. The package's options hold one certificate for good, send no intermediates, and judge the other side
/// without knowing who it is; so each connection gets options of its own, made of the files as they are then.
/// </summary>
internal sealed class SiloConnections(Renewed<MutualTlsFiles, MutualTls> certificates, RefusalLog log)
{
    /// <summary>For connections that others make, silos and Orleans clients.</summary>
    public void Accept(IConnectionBuilder builder)
    {
        builder.Use(next => context => Handshake.RunAsync(context, next, log.Refused));
        new ObservedBuilder(builder).UseServerTls(Options());
    }

    /// <summary>For connections to other silos.</summary>
    public void Make(IConnectionBuilder builder)
    {
        builder.Use(next => context => Handshake.RunAsync(context, next, log.NotConnected));
        new ObservedBuilder(builder).UseClientTls(Options());
    }

    // With any other mode the package judges the certificate itself. And without the options of each connection there is no TLS at all.
    private TlsOptions Options() => new()
    {
        RemoteCertificateMode = RemoteCertificateMode.NoCertificate,
        LocalServerCertificateSelector = (_, _) => throw new InvalidOperationException("the connection has no options of its own"),
        OnAuthenticateAsServer = (context, options) => certificates.Current.ApplyTo(
            (SslServerAuthenticationOptions)options.SslServerAuthenticationOptions, Handshake.Of(context).Refuse),
        OnAuthenticateAsClient = (context, options) => certificates.Current.ApplyTo(
            (SslClientAuthenticationOptions)options.SslClientAuthenticationOptions, Handshake.Of(context).Refuse),
    };
}

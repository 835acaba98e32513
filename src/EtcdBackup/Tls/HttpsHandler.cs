namespace EtcdBackup.Tls;

/// <summary>HTTPS to servers that only certain authorities vouch for.</summary>
public static class HttpsHandler
{
    /// <summary>Makes the HTTP handler. It follows no redirect: what a request carries is meant for its server alone.</summary>
    /// <param name="authorities">Whom a new connection trusts.</param>
    public static SocketsHttpHandler Create(Func<Authorities> authorities)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
            new TlsClient(authorities(), null, null, "", TimeProvider.System).Validate(sender, certificate, chain, errors);
        return handler;
    }
}

using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.Testing;

/// <summary>Speaks TLS for a server that does not.</summary>
public sealed class TlsProxy : IDisposable
{
    private readonly LoopbackListener _listener;
    private readonly X509Certificate2 _certificate;
    private readonly Uri _target;

    public TlsProxy(string targetUrl, string certificate, string key)
    {
        using var parsed = X509Certificate2.CreateFromPem(certificate, key);
        _certificate = X509CertificateLoader.LoadPkcs12(parsed.Export(X509ContentType.Pkcs12), null);
        _target = new Uri(targetUrl);
        _listener = new LoopbackListener(ServeAsync);
    }

    /// <summary>The target's URL, through this.</summary>
    public string Url => $"https://{_listener.EndPoint}{_target.AbsolutePath.TrimEnd('/')}";

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
    }

    private async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, stop);
                await server.ConnectAsync(_target.Host, _target.Port, stop);
                await Task.WhenAny(tls.CopyToAsync(server.GetStream(), stop), server.GetStream().CopyToAsync(tls, stop));
            }
            catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException)
            {
                // one of the two is gone, or does not trust the certificate
            }
        }
    }
}

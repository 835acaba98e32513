using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Somebody who reaches the silo or gateway port of a silo.</summary>
internal static class SiloPort
{
    private static readonly SslApplicationProtocol Orleans = new("Orleans1");

    /// <summary>Connects with a certificate, or none, and looks at the silo's.</summary>
    /// <returns>Its thumbprint, and whether the silo waits for more.</returns>
    public static async Task<(string? Thumbprint, bool IsOpen)> TalkAsync(int port, (string Certificate, string Key)? identity)
    {
        using var client = new TcpClient("127.0.0.1", port);
        await using var tls = new SslStream(client.GetStream());
        X509Certificate2? shown = null;
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    ApplicationProtocols = [Orleans],
                    ClientCertificateContext = identity is var (certificate, key)
                        ? SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, key), null, offline: true) : null,
                    RemoteCertificateValidationCallback = (_, server, _, _) => (shown = server as X509Certificate2) is not null,
                });
            return (shown?.Thumbprint, await IsOpenAsync(tls));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return (shown?.Thumbprint, false);
        }
    }

    /// <summary>Connects without TLS, and writes.</summary>
    /// <returns>Whether the silo waits for more.</returns>
    public static async Task<bool> IsOpenToPlainTextAsync(int port, byte[] bytes)
    {
        using var client = new TcpClient("127.0.0.1", port);
        await client.GetStream().WriteAsync(bytes);
        try
        {
            return await IsOpenAsync(client.GetStream());
        }
        catch (IOException)
        {
            return false;
        }
    }

    // With TLS 1.3 a refusal comes after the handshake. And who is in is asked nothing before it says who it is.
    private static async Task<bool> IsOpenAsync(Stream stream)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            return await stream.ReadAsync(new byte[1], patience.Token) > 0;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}

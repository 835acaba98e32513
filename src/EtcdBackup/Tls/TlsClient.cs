using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EtcdBackup.Tls.Ed25519;

namespace EtcdBackup.Tls;

/// <summary>The client's side of TLS connections: what it trusts, what it shows, and for whom it takes the server.</summary>
/// <param name="authorities">Whom it trusts.</param>
/// <param name="identity">What it shows; null: nothing.</param>
/// <param name="ed25519">What it shows instead, with a key that .NET cannot sign with; null: none.</param>
/// <param name="serverName">The name that is sent (SNI) and that the certificate must be for; empty: the host of the address.</param>
/// <param name="time">The clock.</param>
internal sealed class TlsClient(
    Authorities authorities, SslStreamCertificateContext? identity, Ed25519Identity? ed25519, string serverName, TimeProvider time)
{
    /// <summary>Whether another library than .NET's own makes TLS: to HTTP its connections look plain.</summary>
    public bool IsManaged => ed25519 is not null;

    /// <summary>Makes TLS of a new connection.</summary>
    /// <param name="connection">The connection; disposed of if this fails.</param>
    /// <param name="host">The host of its address.</param>
    /// <param name="protocol">The protocol to agree on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TlsFaultException">The server is not the one that it should be.</exception>
    /// <exception cref="AuthenticationException">There is no handshake.</exception>
    public Task<Stream> StartAsync(
        Stream connection, string host, SslApplicationProtocol protocol, CancellationToken cancellationToken)
    {
        var name = serverName == "" ? host : serverName;
        return ed25519 is null ? StartAsync(name, connection, protocol, cancellationToken)
            : StartAsync(new Ed25519Client(ed25519, name, FaultOf), connection, cancellationToken);

        string? FaultOf(X509Certificate2 leaf, X509Certificate2Collection sent) =>
            authorities.FaultOf(leaf, sent, name, time.GetUtcNow());
    }

    /// <summary>Judges a server's certificate for a client that makes its TLS itself.</summary>
    /// <exception cref="TlsFaultException">The server is not the one that it should be.</exception>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        FaultOf(certificate, chain, ((SslStream)sender).TargetHostName) is { } fault
            ? throw new TlsFaultException($"its certificate {fault}") : true;

    private static async Task<Stream> StartAsync(Ed25519Client client, Stream connection, CancellationToken cancellationToken)
    {
        try
        {
            return await ManagedTlsStream.StartAsync(connection, client, cancellationToken);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (client.Fault is { } fault)
            {
                throw new TlsFaultException($"its certificate {fault}", e);
            }

            throw;
        }
    }

    private async Task<Stream> StartAsync(
        string name, Stream connection, SslApplicationProtocol protocol, CancellationToken cancellationToken)
    {
        string? fault = null;
        var tls = new SslStream(connection);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ApplicationProtocols = [protocol],
            ClientCertificateContext = identity,
            RemoteCertificateValidationCallback = (_, leaf, chain, _) => (fault = FaultOf(leaf, chain, name)) is null,
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
            return tls;
        }
        catch (Exception e)
        {
            await tls.DisposeAsync();
            if (fault is not null)
            {
                throw new TlsFaultException($"its certificate {fault}", e);
            }

            throw;
        }
    }

    private string? FaultOf(X509Certificate? certificate, X509Chain? chain, string name) =>
        certificate is not X509Certificate2 leaf ? "is missing"
            : authorities.FaultOf(leaf, chain?.ChainPolicy.ExtraStore ?? [], name, time.GetUtcNow());
}

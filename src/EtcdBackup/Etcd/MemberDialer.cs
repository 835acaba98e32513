using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using EtcdBackup.Tls;

namespace EtcdBackup.Etcd;

/// <summary>Makes the connections to one member, and finds out why there is none.</summary>
/// <param name="endpoint">The client URL: <c>http</c>, <c>https</c>, or <c>unix</c> and <c>unixs</c> with a path.</param>
/// <param name="tls">The TLS side; null for plain text.</param>
/// <param name="rules">Where connections may go.</param>
internal sealed class MemberDialer(Uri endpoint, TlsClient? tls, AddressRules rules)
{
    private const int MostAsked = 5;

    // What a client of HTTP/2 sends first: the preface, and settings that change nothing (RFC 9113, 3.4). A server answers with settings.
    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];

    /// <summary>Whether a client URL means TLS.</summary>
    public static bool IsTls(Uri endpoint) => endpoint.Scheme is "https" or "unixs";

    /// <summary>The address that HTTP uses: the path of a socket is none, and TLS that is not .NET's is none of its business.</summary>
    public Uri HttpAddress => endpoint.Scheme switch
    {
        "unix" => new Uri("http://localhost"),
        "unixs" => new Uri(tls!.IsManaged ? "http://localhost" : "https://localhost"),
        "https" when tls!.IsManaged => new UriBuilder(endpoint) { Scheme = "http" }.Uri,
        _ => endpoint,
    };

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="TlsFaultException">There is no TLS with who listens there.</exception>
    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = await DialAsync(cancellationToken);
        if (tls is null)
        {
            return connection;
        }

        try
        {
            return await tls.StartAsync(connection, HttpAddress.IdnHost, SslApplicationProtocol.Http2, cancellationToken);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            throw await SpeaksPlainAsync(cancellationToken)
                ? new TlsFaultException("it speaks plain text, not TLS: write 'http' ('unix' for a socket)", e)
                : new TlsFaultException(TlsAlerts.Explain(e) ?? $"there is no TLS handshake: {e.Message}", e);
        }
    }

    /// <summary>Finds out why a member that takes connections does not answer; null if TLS is not why.</summary>
    public async Task<string?> DiagnoseAsync(CancellationToken cancellationToken)
    {
        try
        {
            return tls is not null ? await AlertAsync(cancellationToken)
                : await SpeaksTlsAsync(cancellationToken) ? "it speaks TLS, not plain text: write 'https' ('unixs' for a socket)" : null;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or TlsFaultException)
        {
            return (e as TlsFaultException)?.Message;
        }
    }

    // With TLS 1.3 the server judges the client only after the handshake, and HTTP loses what it says then. So does TCP, at times: who
    // closes a connection before it has read all of it resets it.
    private async Task<string?> AlertAsync(CancellationToken cancellationToken)
    {
        for (var asked = 1; ; asked++)
        {
            await using var connection = await ConnectAsync(cancellationToken);
            try
            {
                await connection.ReadExactlyAsync(new byte[1], cancellationToken);
                return null;
            }
            catch (IOException e)
            {
                if (TlsAlerts.Explain(e) is { } alert)
                {
                    return alert;
                }

                if (asked == MostAsked)
                {
                    return $"it ends each connection after the TLS handshake: {e.Message}";
                }
            }
        }
    }

    private async Task<bool> SpeaksTlsAsync(CancellationToken cancellationToken)
    {
        var seen = false;
        try
        {
            await using var handshake = new SslStream(await DialAsync(cancellationToken));
            await handshake.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = HttpAddress.IdnHost,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => !(seen = certificate is not null),
                },
                cancellationToken);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // What matters is whether it showed a certificate.
        }

        return seen;
    }

    private async Task<bool> SpeaksPlainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await DialAsync(cancellationToken);
            await connection.WriteAsync(Preface, cancellationToken);
            var frame = new byte[9];
            await connection.ReadExactlyAsync(frame, cancellationToken);
            return frame[3] == 4 && frame[0] == 0;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    }

    private Task<NetworkStream> DialAsync(CancellationToken cancellationToken) => endpoint.Scheme switch
    {
        "unix" or "unixs" when rules.AreSome => throw AddressRules.Refused("it is a socket of the service's machine"),
        "unix" or "unixs" => Dialer.ConnectAsync(endpoint.LocalPath, cancellationToken),
        _ => Dialer.ConnectAsync(endpoint.IdnHost, endpoint.Port, rules, cancellationToken),
    };
}

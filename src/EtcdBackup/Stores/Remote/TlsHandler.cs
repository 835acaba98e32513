using System.Net.Security;
using EtcdBackup.Tls;

namespace EtcdBackup.Stores.Remote;

/// <summary>Connections to a store whose certificate a private authority issued.</summary>
internal static class TlsHandler
{
    /// <summary>Makes the HTTP handler.</summary>
    /// <param name="authorities">PEM.</param>
    /// <param name="name">Where it comes from, for messages.</param>
    /// <exception cref="StoreException">It holds no certificate.</exception>
    public static SocketsHttpHandler Create(string authorities, string name)
    {
        try
        {
            var tls = new TlsClient(Authorities.Parse(authorities, name), null, "", TimeProvider.System);
            return new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
                    var plain = await Dialer.ConnectAsync(host, port, cancellationToken);
                    return context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps
                        ? await tls.StartAsync(plain, host, SslApplicationProtocol.Http11, cancellationToken) : plain;
                },
            };
        }
        catch (TlsFaultException e)
        {
            throw new StoreException(e.Message, e);
        }
    }
}

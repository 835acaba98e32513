using System.Net;
using System.Net.Sockets;

namespace EtcdBackup.Tls;

/// <summary>Makes plain connections.</summary>
internal static class Dialer
{
    /// <summary>Connects to a host.</summary>
    public static Task<NetworkStream> ConnectAsync(string host, int port, CancellationToken cancellationToken) => ConnectAsync(
        new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, new DnsEndPoint(host, port), cancellationToken);

    /// <summary>Connects to a socket of this machine.</summary>
    public static Task<NetworkStream> ConnectAsync(string path, CancellationToken cancellationToken) => ConnectAsync(
        new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(path), cancellationToken);

    private static async Task<NetworkStream> ConnectAsync(Socket socket, EndPoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

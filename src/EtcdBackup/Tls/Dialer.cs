using System.Net.Sockets;

namespace EtcdBackup.Tls;

/// <summary>Makes plain connections.</summary>
internal static class Dialer
{
    /// <summary>Connects to a host.</summary>
    /// <exception cref="SocketException">It is unknown, does not listen, or the rules refuse it.</exception>
    public static async Task<NetworkStream> ConnectAsync(string host, int port, AddressRules rules, CancellationToken cancellationToken)
    {
        var addresses = await rules.ResolveAsync(host, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        return await ConnectAsync(socket, () => socket.ConnectAsync(addresses, port, cancellationToken));
    }

    /// <summary>Connects to a socket of this machine.</summary>
    public static Task<NetworkStream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return ConnectAsync(socket, () => socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken));
    }

    private static async Task<NetworkStream> ConnectAsync(Socket socket, Func<ValueTask> connect)
    {
        try
        {
            await connect();
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace EtcdBackup.Testing;

/// <summary>Takes connections on a free port of loopback and gives each to a function, until it is stopped.</summary>
public sealed class LoopbackListener : IDisposable
{
    // A TcpListener that is stopped between two connections throws other things than one that is stopped while it waits.
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<TcpClient, CancellationToken, Task> _serve;

    /// <summary>What <paramref name="serve"/> is given is its own to close; its token ends when this is stopped.</summary>
    public LoopbackListener(Func<TcpClient, CancellationToken, Task> serve)
    {
        _serve = serve;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen();
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _ = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    public void Dispose()
    {
        _stop.Cancel();
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var stop = _stop.Token;
        try
        {
            while (true)
            {
                _ = _serve(new TcpClient { Client = await _socket.AcceptAsync(stop) }, stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // stopped
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace EtcdBackup.Testing;

/// <summary>A TCP proxy before a real server, to cut, stall, slow or damage what it sends.</summary>
public sealed class FaultProxy : IDisposable
{
    private readonly LoopbackListener _listener;
    private readonly IPEndPoint _target;

    public FaultProxy(string targetUrl)
    {
        var target = new Uri(targetUrl);
        _target = new IPEndPoint(IPAddress.Parse(target.Host), target.Port);
        _listener = new LoopbackListener(ServeAsync);
        Url = $"http://{_listener.EndPoint}";
    }

    public string Url { get; }

    /// <summary>How many connections there were so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Called with each piece that the client sends and the bytes of that connection so far, or since this was set.</summary>
    public Func<Memory<byte>, long, CancellationToken, Task> OnClientBytes { get; set; } = (_, _, _) => Task.CompletedTask;

    /// <summary>
    /// Called with each piece that the server sends and the bytes of that connection so far, or since this was set; may wait, change
    /// bytes, or throw to cut.
    /// </summary>
    public Func<Memory<byte>, long, CancellationToken, Task> OnServerBytes { get; set; } = (_, _, _) => Task.CompletedTask;

    /// <summary>Whether connections end with a reset: what the client was sent and has not read may be lost, and it cannot send.</summary>
    public bool Resets { get; init; }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        Connections++;
        client.LingerState = new LingerOption(Resets, 0);
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(_target, stop);
                await Task.WhenAny(
                    PumpAsync(client, server, () => OnClientBytes, stop), PumpAsync(server, client, () => OnServerBytes, stop));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // the server is down, or this is stopped: so is the client's connection
            }
        }
    }

    private static async Task PumpAsync(
        TcpClient from, TcpClient to, Func<Func<Memory<byte>, long, CancellationToken, Task>> current, CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        var hook = current();
        long total = 0;
        try
        {
            int count;
            while ((count = await from.GetStream().ReadAsync(buffer, stop)) > 0)
            {
                // Connections outlive what is sent over them: each hook counts from where it began.
                if (hook != current())
                {
                    (hook, total) = (current(), 0);
                }

                total += count;
                await hook(buffer.AsMemory(0, count), total, stop);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), stop);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // either side hung up, or the hook cut the connection
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace EtcdBackup.Testing;

/// <summary>A TCP proxy before a real server, to cut, stall, slow or damage what it sends.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _target;
    private readonly Task _accepting;

    public FaultProxy(string targetUrl)
    {
        var target = new Uri(targetUrl);
        _target = new IPEndPoint(IPAddress.Parse(target.Host), target.Port);
        _listener.Start();
        Url = $"http://{_listener.LocalEndpoint}";
        _accepting = AcceptAsync();
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

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Connections++;
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // stopped
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(_target, _stop.Token);
                await Task.WhenAny(PumpAsync(client, server, () => OnClientBytes), PumpAsync(server, client, () => OnServerBytes));
            }
            catch (SocketException)
            {
                // the server is down: so is the client's connection
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, Func<Func<Memory<byte>, long, CancellationToken, Task>> current)
    {
        var buffer = new byte[64 * 1024];
        var hook = current();
        long total = 0;
        try
        {
            int count;
            while ((count = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0)
            {
                // Connections outlive what is sent over them: each hook counts from where it began.
                if (hook != current())
                {
                    (hook, total) = (current(), 0);
                }

                total += count;
                await hook(buffer.AsMemory(0, count), total, _stop.Token);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // either side hung up, or the hook cut the connection
        }
    }
}

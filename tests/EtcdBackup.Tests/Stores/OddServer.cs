using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EtcdBackup.Tests.Stores;

/// <summary>
/// An HTTP server that answers what a test wants: told a request's first line, it gives the whole answer, or null to say nothing ever.
/// </summary>
internal sealed class OddServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, string?> _answer;

    public OddServer(Func<string, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public static string Answer(string status, string body = "", params string[] headers) => string.Join(
        "\r\n", [$"HTTP/1.1 {status}", $"Content-Length: {body.Length}", "Connection: close", .. headers, "", body]);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var request = await reader.ReadLineAsync(_stop.Token) ?? "";
            var left = 0;
            for (string? line; (line = await reader.ReadLineAsync(_stop.Token)) is { Length: > 0 };)
            {
                left = line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) ? int.Parse(line[15..]) : left;
            }

            // The bytes of an upload are taken in any case.
            var buffer = new char[64 * 1024];
            while (left > 0 && await reader.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), _stop.Token) is var count and > 0)
            {
                left -= count;
            }

            if (_answer(request) is not { } answer)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
                return;
            }

            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), _stop.Token);
        }
    }
}

using System.Net.Sockets;
using System.Text;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Stores;

/// <summary>
/// An HTTP server that answers what a test wants: told a request's first line, it gives the whole answer, or null to say nothing ever.
/// </summary>
internal sealed class OddServer : IDisposable
{
    private readonly LoopbackListener _listener;
    private readonly Func<string, string?> _answer;

    public OddServer(Func<string, string?> answer)
    {
        _answer = answer;
        _listener = new LoopbackListener(ServeAsync);
    }

    public string Endpoint => $"http://{_listener.EndPoint}";

    public static string Answer(string status, string body = "", params string[] headers) => string.Join(
        "\r\n", [$"HTTP/1.1 {status}", $"Content-Length: {body.Length}", "Connection: close", .. headers, "", body]);

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        using (client)
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var request = await reader.ReadLineAsync(stop) ?? "";
            var left = 0;
            for (string? line; (line = await reader.ReadLineAsync(stop)) is { Length: > 0 };)
            {
                left = line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) ? int.Parse(line[15..]) : left;
            }

            // The bytes of an upload are taken in any case.
            var buffer = new char[64 * 1024];
            while (left > 0 && await reader.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), stop) is var count and > 0)
            {
                left -= count;
            }

            if (_answer(request) is not { } answer)
            {
                await Task.Delay(Timeout.Infinite, stop);
                return;
            }

            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), stop);
        }
    }
}

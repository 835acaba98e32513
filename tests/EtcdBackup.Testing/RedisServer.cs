namespace EtcdBackup.Testing;

/// <summary>A real Redis that keeps a log on disk, so that a restart loses nothing.</summary>
public sealed class RedisServer : TestServer
{
    private RedisServer()
    {
    }

    public string ConnectionString => $"127.0.0.1:{Port}";

    protected override (string File, string[] Arguments) Command => (
        "redis-server",
        ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", Directory.Path, "--appendonly", "yes", "--appendfsync", "always",
            "--save", ""]);

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        await server.UpAsync();
        return server;
    }

    protected override async Task<bool> AnswersAsync() =>
        (await ChildProcess.RunAsync("redis-cli", "-p", $"{Port}", "ping")).Contains("PONG", StringComparison.Ordinal);
}

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

    /// <summary>Loses all, as one does that kept its data in memory alone and was started again.</summary>
    public Task EmptyAsync() => ChildProcess.RunAsync("redis-cli", "-p", $"{Port}", "flushall");

    /// <summary>Writes a field of a hash.</summary>
    public Task SetFieldAsync(string key, string field, string value) =>
        ChildProcess.RunAsync("redis-cli", "-p", $"{Port}", "hset", key, field, value);

    protected override async Task<bool> AnswersAsync() =>
        (await ChildProcess.RunAsync("redis-cli", "-p", $"{Port}", "ping")).Contains("PONG", StringComparison.Ordinal);
}

namespace EtcdBackup.Testing;

/// <summary>A real Redis that keeps a log on disk, so that a restart loses nothing.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly int _port = Workspace.FreePorts(1)[0];
    private ChildProcess? _process;

    private RedisServer()
    {
    }

    public int Port => _port;

    public string ConnectionString => $"127.0.0.1:{_port}";

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        await server.UpAsync();
        return server;
    }

    public async Task UpAsync()
    {
        _process = ChildProcess.Start(
            "redis-server", ["--port", $"{_port}", "--bind", "127.0.0.1", "--dir", _directory.Path, "--appendonly", "yes", "--appendfsync",
            "always", "--save", ""]);
        await Workspace.UntilAsync(async () =>
        {
            try
            {
                return (await ChildProcess.RunAsync("redis-cli", "-p", $"{_port}", "ping")).Contains("PONG", StringComparison.Ordinal);
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }, "redis answers");
    }

    /// <summary>It hangs: connections stay open, and nothing answers.</summary>
    public void Freeze() => _process!.Signal("STOP");

    public async Task DownAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        _directory.Dispose();
    }
}

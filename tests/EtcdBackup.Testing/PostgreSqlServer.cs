namespace EtcdBackup.Testing;

/// <summary>
/// A real PostgreSQL of Debian's package, in a directory of its own. It refuses to run as root, so then it runs as nobody.
/// </summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly int _port = Workspace.FreePorts(1)[0];
    private ChildProcess? _process;

    private PostgreSqlServer()
    {
    }

    public int Port => _port;

    public string ConnectionString => $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;Maximum Pool Size=20";

    private static string Tool(string name) => Directory.GetFiles("/usr/lib/postgresql", name, SearchOption.AllDirectories).Order().Last();

    public static async Task<PostgreSqlServer> StartAsync()
    {
        var server = new PostgreSqlServer();
        if (Environment.UserName == "root")
        {
            await ChildProcess.RunAsync("chown", "nobody", server._directory.Path);
        }

        var (file, arguments) = As([Tool("initdb"), "-D", server._directory["data"], "-U", "postgres", "-A", "trust", "--no-sync"]);
        await ChildProcess.RunAsync(file, arguments);
        await server.UpAsync();
        return server;
    }

    public async Task UpAsync()
    {
        var (file, arguments) = As(
            [Tool("postgres"), "-D", _directory["data"], "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1", "-c",
            "unix_socket_directories="]);
        _process = ChildProcess.Start(file, arguments);
        await Workspace.UntilAsync(async () =>
        {
            try
            {
                await ChildProcess.RunAsync("pg_isready", "-h", "127.0.0.1", "-p", $"{_port}");
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }, "postgres answers");
    }

    public async Task DownAsync()
    {
        if (_process is not null)
        {
            _process.Signal("INT");
            await _process.WaitForExitAsync();
            await _process.DisposeAsync();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        _directory.Dispose();
    }

    private static (string File, string[] Arguments) As(string[] command) => Environment.UserName == "root"
        ? ("setpriv", ["--reuid", "nobody", "--clear-groups", "--pdeathsig", "KILL", .. command])
        : (command[0], command[1..]);
}

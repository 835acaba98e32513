namespace EtcdBackup.Testing;

/// <summary>
/// A real PostgreSQL of Debian's package, in a directory of its own. It refuses to run as root, so then it runs as nobody.
/// </summary>
public sealed class PostgreSqlServer : TestServer
{
    private PostgreSqlServer()
    {
    }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Maximum Pool Size=20";

    protected override (string File, string[] Arguments) Command => As(
        [Tool("postgres"), "-D", Directory["data"], "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);

    public static async Task<PostgreSqlServer> StartAsync()
    {
        var server = new PostgreSqlServer();
        if (Environment.UserName == "root")
        {
            await ChildProcess.RunAsync("chown", "nobody", server.Directory.Path);
        }

        var (file, arguments) = As([Tool("initdb"), "-D", server.Directory["data"], "-U", "postgres", "-A", "trust", "--no-sync"]);
        await ChildProcess.RunAsync(file, arguments);
        await server.UpAsync();
        return server;
    }

    protected override async Task<bool> AnswersAsync()
    {
        await ChildProcess.RunAsync("pg_isready", "-h", "127.0.0.1", "-p", $"{Port}");
        return true;
    }

    // Killed, its workers would outlive it for a moment.
    protected override Task EndAsync(ChildProcess process)
    {
        process.Signal("INT");
        return process.WaitForExitAsync();
    }

    private static string Tool(string name) =>
        System.IO.Directory.GetFiles("/usr/lib/postgresql", name, SearchOption.AllDirectories).Order().Last();

    private static (string File, string[] Arguments) As(string[] command) => Environment.UserName == "root"
        ? ("setpriv", ["--reuid", "nobody", "--clear-groups", "--pdeathsig", "KILL", .. command])
        : (command[0], command[1..]);
}

using System.CommandLine;
using EtcdBackup.Cli.Exits;

namespace EtcdBackup.Cli.Connecting;

/// <summary>
/// Where the service is and how to log in: an option, else the environment, else the context of the file, else the service of this machine.
/// </summary>
internal sealed class ServiceOptions
{
    private const string Local = "http://127.0.0.1:19999";

    private readonly Option<string?> _address = Recursive("--address", "The service's address; environment: ETCDBACKUP_ADDRESS.");
    private readonly Option<string?> _token = Recursive(
        "--token-file", "A file with the token to log in with; environment: ETCDBACKUP_TOKEN_FILE, or the token itself: ETCDBACKUP_TOKEN.");

    private readonly Option<string?> _authority = Recursive(
        "--ca-file", "The authorities that the service's certificate may be of (PEM); environment: ETCDBACKUP_CA_FILE.");

    private readonly Option<string?> _context = Recursive("--context", "The context of the file; environment: ETCDBACKUP_CONTEXT.");
    private readonly Option<string?> _file = Recursive(
        "--config", "The file of contexts; environment: ETCDBACKUP_CONFIG. Default: ~/.config/etcdbackup/config.json");

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "Seconds to wait for an answer, or for the next bytes; not for a backup to be taken or read back.",
        DefaultValueFactory = _ => 60,
        Recursive = true,
    };

    /// <summary>Adds them to the program, for all its commands.</summary>
    public void AddTo(RootCommand root)
    {
        foreach (var option in new Option[] { _address, _token, _authority, _context, _file, _timeout })
        {
            root.Options.Add(option);
        }
    }

    /// <summary>The service that is meant.</summary>
    /// <exception cref="CommandException">An option or a file of it is wrong.</exception>
    public ServiceClient Connect(ParseResult parsed)
    {
        var context = ContextFile.Find(Value(parsed, _file, "CONFIG"), Value(parsed, _context, "CONTEXT"));
        var address = Value(parsed, _address, "ADDRESS") ?? context?.Address ?? Local;
        var tokenFile = Value(parsed, _token, "TOKEN_FILE");
        var token = tokenFile is null ? Environment.GetEnvironmentVariable("ETCDBACKUP_TOKEN") : null;
        var readFrom = tokenFile ?? (string.IsNullOrEmpty(token) ? context?.TokenFile : null);
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new ServiceClient(
                uri, readFrom is null ? token : Read(readFrom, "token").Trim(), Value(parsed, _authority, "CA_FILE") ?? context?.CaFile,
                TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(_timeout), 0.1, 86_400)))
            : throw new CommandException(ExitCode.Usage, $"'{address}' is not an address: write http://HOST:PORT or https://HOST:PORT");
    }

    /// <summary>Reads a file that was named.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public static string Read(string path, string what)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"the {what} file cannot be read: {e.Message}");
        }
    }

    private static Option<string?> Recursive(string name, string description) =>
        new(name) { Description = description, Recursive = true };

    private static string? Value(ParseResult parsed, Option<string?> option, string variable) =>
        parsed.GetValue(option) ?? (Environment.GetEnvironmentVariable("ETCDBACKUP_" + variable) is { Length: > 0 } value ? value : null);
}

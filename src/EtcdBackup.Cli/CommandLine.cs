using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Checking;
using EtcdBackup.Cli.Commands;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli;

/// <summary>The program: its commands, and how each ends.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Screen screen)
    {
        var parsed = Root(screen).Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await screen.Error.WriteLineAsync($"etcdbackup: {error.Message}");
            }

            return End(ExitCode.Usage, "try 'etcdbackup --help', or '--help' after a command");
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = screen.Out,
                Error = screen.Error,
            });
        }
        catch (CommandException e)
        {
            return End(e.ExitCode, e.Message);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return End(
                ExitCode.Failed,
                $"that is no answer of the service, or of a later one: look at the address, and at --version ({e.Message})");
        }
        catch (OperationCanceledException)
        {
            return End(ExitCode.Interrupted, "interrupted");
        }
        catch (IOException e)
        {
            // Standard output is full or closed: there is no other place to tell.
            await screen.Error.WriteLineAsync($"etcdbackup: the result cannot be written: {e.Message}");
            return parsed.CommandResult.Command.Name == CheckCommand.Name ? (int)State.Unknown : ExitCode.Failed;
        }

        // To a monitoring system it is unknown what could not be found out, whatever the reason.
        int End(int code, string message)
        {
            if (parsed.CommandResult.Command.Name == CheckCommand.Name)
            {
                screen.Out.WriteLine($"UNKNOWN - {message}");
                return (int)State.Unknown;
            }

            screen.Error.WriteLine($"etcdbackup: {message}");
            return code;
        }
    }

    private static RootCommand Root(Screen screen)
    {
        var service = new ServiceOptions();
        var root = new RootCommand("Backups of etcd: what the service has, takes and gives back.")
        {
            ClustersCommand.Of(service, screen),
            StatusCommand.Of(service, screen),
            NowCommand.Of(service, screen),
            ListCommand.Of(service, screen),
            GetCommand.Of(service, screen),
            VerifyCommand.Of(service, screen),
            InspectCommand.Of(screen),
            CutCommand.Of(screen),
            DeleteCommand.Of(service, screen),
            RetentionCommand.Of(service, screen),
            CheckCommand.Of(service, screen),
            CompletionCommand.Of(screen),
        };
        service.AddTo(root);
        return root;
    }
}

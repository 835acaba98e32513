using System.CommandLine;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Commands;

/// <summary>Deletes a stored backup.</summary>
internal static class DeleteCommand
{
    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new ClusterCommand("delete", "Delete a stored backup. Asks first.", options);
        var backup = BackupOption.AddTo(command, "The backup's name.");
        backup.Required = true;
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var force = new Option<bool>("--force") { Description = "Even the last sound backup." };
        command.Options.Add(yes);
        command.Options.Add(force);
        command.Do(async call =>
        {
            var name = call.Parsed.GetValue(backup)!;
            if (!call.Parsed.GetValue(yes) && !await AgreesAsync(screen, name))
            {
                throw new CommandException(ExitCode.Failed, "nothing was deleted");
            }

            var path = call.PathOf(name) + (call.Parsed.GetValue(force) ? "?force=true" : "");
            await call.Service.JsonAsync(HttpMethod.Delete, path, call.Stop);
            await screen.Out.WriteLineAsync($"deleted: {name}");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<bool> AgreesAsync(Screen screen, string name)
    {
        if (!screen.Talks)
        {
            throw new CommandException(ExitCode.Usage, "there is no terminal to ask at: write --yes");
        }

        await screen.Error.WriteAsync($"Delete {name}? It cannot be brought back. Write 'yes': ");
        return Console.ReadLine()?.Trim() == "yes";
    }
}

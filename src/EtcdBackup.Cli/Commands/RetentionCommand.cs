using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Commands;

/// <summary>Shows what the rules say about each backup.</summary>
internal static class RetentionCommand
{
    private static readonly string[] Columns = ["NAME", "KEEP", "REASON"];

    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new ClusterCommand("retention", "Show which backups the rules keep, and why. Nothing is removed.", options);
        var output = OutputOption.AddTo(command, screen);
        command.Do(async call =>
        {
            var lines = await call.GetAsync("retention");
            output.Write(
                call.Parsed, lines, () => lines.EnumerateArray().Where(IsKept).Select(l => l.Text("name")),
                () => screen.Table(Columns, lines.EnumerateArray().Select(l => (
                    (string?)null, new[] { l.Text("name"), IsKept(l) ? "yes" : "no", l.Text("reason") }))));
            return ExitCode.Done;
        });
        return command;
    }

    private static bool IsKept(JsonElement line) => line.GetProperty("keep").GetBoolean();
}

using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;
using Spectre.Console;

namespace EtcdBackup.Cli.Commands;

/// <summary>Has a backup taken.</summary>
internal static class NowCommand
{
    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new ClusterCommand("now", "Take a backup now, unless nothing changed since the last one, and wait for it.", options);
        var output = OutputOption.AddTo(command, screen);
        command.Do(async call =>
        {
            var (backup, isNew) = await (screen.Talks ? TakeAndTellAsync(screen, call) : TakeAsync(call));
            output.Write(call.Parsed, backup, () => [backup.Text("name")], () => screen.Out.WriteLine(
                $"{(isNew ? "taken" : "unchanged since")}: {backup.Text("name")}, revision {backup.Text("revision")}, " +
                    Say.Megabytes(backup.Number("size"))));
            return ExitCode.Done;
        });
        return command;
    }

    private static Task<(JsonElement Backup, bool IsNew)> TakeAndTellAsync(Screen screen, ClusterCall call) =>
        screen.Progress.Status().StartAsync("asking", async shown =>
        {
            var taking = TakeAsync(call);
            while (await Task.WhenAny(taking, Task.Delay(TimeSpan.FromSeconds(1), call.Stop)) != taking)
            {
                shown.Status = Markup.Escape(await ProgressAsync(call));
            }

            return await taking;
        });

    // The backup goes on, whatever becomes of the question.
    private static async Task<string> ProgressAsync(ClusterCall call)
    {
        try
        {
            return (await call.GetAsync("status")).TryGetProperty("running", out var running) ? Say.Progress(running) : "waiting";
        }
        catch (CommandException)
        {
            return "waiting; the service does not say how far it is";
        }
    }

    private static async Task<(JsonElement Backup, bool IsNew)> TakeAsync(ClusterCall call)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{call.Path}/backupnow");
        using var answer = await call.Service.SendAsync(request, call.Stop);
        return (await ServiceClient.ReadAsync(answer, call.Stop), !answer.Headers.Contains("X-Backup-Skipped"));
    }
}

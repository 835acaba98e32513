using System.CommandLine;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Commands;

/// <summary>Has a stored backup read back.</summary>
internal static class VerifyCommand
{
    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new ClusterCommand(
            "verify", "Have the service read every byte of a stored backup, and say whether it is sound.", options);
        var backup = BackupOption.AddTo(command, "The backup's name; default: the newest.");
        var output = OutputOption.AddTo(command, screen);
        command.Do(async call =>
        {
            var name = call.Parsed.GetValue(backup) ?? await call.NewestAsync();
            var report = await call.Service.JsonAsync(HttpMethod.Post, $"{call.PathOf(name)}/verify", call.Stop);
            var verification = report.GetProperty("verification");
            var isSound = verification.GetProperty("sound").GetBoolean();
            output.Write(call.Parsed, report, () => [name], () =>
                screen.Out.WriteLine(isSound ? $"sound: {name}" : $"damaged: {name}: {verification.Text("problem")}"));
            return isSound ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
